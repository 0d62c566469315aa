"""What a participant's change stands on: that the message is still as they have read it."""

from typing import Protocol

from data_layer.database.rows import Row


class AsRead(Protocol):
    """Asked where a message is changed, while nothing else can change it in this process."""

    def stands(self, message: Row) -> bool:
        """Whether the message, a row of `steps`, is as it was read; else it is not changed."""

    def taken(self) -> None:
        """It has been changed; its answer follows."""
