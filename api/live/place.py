"""Where a reader of a thread is: the id of the last event that they got says it whole.

It names the message from which on they read, and how many characters they have of each text that grew.
So a stream is resumed from the record, by any connection, after a restart too; nothing is kept for them.
"""

import re
from dataclasses import dataclass, field
from typing import Final

from data_layer.database.ids import is_uuid

# An id stands in each event, and comes back in a header.
MOST_KNOWN: Final = 40
LONGEST_PLACE: Final = 4_000

_KNOWN: Final = re.compile(r"([0-9a-f-]{36}):([0-9]{1,9})")
_BEGINNING: Final = "0"


@dataclass
class Place:
    """Where somebody is in a thread.

    Args:
        message_id: The participant's message from which on they read; "" for the thread's beginning.
        known: How many characters they have of each text, the one that grew last at the end.
    """

    message_id: str = ""
    known: dict[str, int] = field(default_factory=dict)

    def __str__(self) -> str:
        """For the id of an event."""
        places = (f"{step_id}:{length}" for step_id, length in self.known.items())
        return "~".join([self.message_id or _BEGINNING, *places])

    @classmethod
    def read(cls, text: str) -> "Place | None":
        """A place as __str__ writes it; None for anything else."""
        message_id, *places = text.split("~")
        found = [_KNOWN.fullmatch(one) for one in places]
        named = message_id == _BEGINNING or is_uuid(message_id)
        if not named or len(found) > MOST_KNOWN or not all(found):
            return None
        known = {one[1]: int(one[2]) for one in found if one}
        return cls("" if message_id == _BEGINNING else message_id, known)

    @property
    def is_full(self) -> bool:
        """Whether texts that ended long ago may have been forgotten."""
        return len(self.known) >= MOST_KNOWN

    def note(self, step_id: str, length: int) -> None:
        """So much of a text is known now. Of many, those that grew last are kept."""
        self.known.pop(step_id, None)
        self.known[step_id] = length
        while len(self.known) > MOST_KNOWN:
            del self.known[next(iter(self.known))]
