"""What a reader has missed: read from the record when they come back."""

from dataclasses import dataclass, field

from api.live.events import ComponentEvent, LiveEvent
from api.live.place import Place
from data_layer.conversations import threads
from data_layer.conversations.messages import MOST_MESSAGES, MessagePage, message_page, turn_of
from data_layer.database.engine import Database
from data_layer.database.rows import Row


@dataclass(frozen=True)
class Missed:
    """What stands in a thread from a reader's place on.

    Args:
        message: The participant's message from which on they read.
        rows: Messages and steps, rows of `steps`, in order.
        forms: Under them.
        elements: Files that stand with them.
        anew: What stands has changed more than can be told: they read the thread anew.
        standing: Of what follows their place, all ids that stand; None where nothing can have gone.
    """

    message: Row | None = None
    rows: list[Row] = field(default_factory=list)
    forms: list[Row] = field(default_factory=list)
    elements: list[Row] = field(default_factory=list)
    anew: bool = False
    standing: tuple[str, ...] | None = None

    def first(self, thread_id: str) -> list[LiveEvent]:
        """What is told before all else: what is not there any more."""
        if self.anew:
            data: Row = {"ids": [], "all": True}
            return [ComponentEvent(thread_id=thread_id, kind="removed", data=data)]
        if self.standing is None:
            return []
        data = {"after_id": self.message["step_id"] if self.message else None, "ids": list(self.standing)}
        return [ComponentEvent(thread_id=thread_id, kind="standing", data=data)]

    def was_told(self, row: Row, place: Place) -> bool:
        """Whether a text is one of those that a reader who has many was told, and forgot the length of."""
        if not place.is_full or row["step_id"] in place.known:
            return False
        known = [one["seq"] for one in self.rows if one["step_id"] in place.known]
        return "seq" in row and bool(known) and row["seq"] < max(known)


async def turn_missed(database: Database, thread_id: str, message_id: str) -> Missed:
    """What answers a message."""
    message = await threads.step_row(database, message_id)
    if message is None or message["thread_id"] != thread_id or message["turn"] is None:
        return Missed()
    page = await turn_of(database, thread_id, message["turn"])
    return Missed(message, _in_order(page), page.forms, page.elements)


async def missed_by(database: Database, thread_id: str, place: Place) -> Missed:
    """What stands from a place on, in all of its thread."""
    message: Row | None = None
    if place.message_id:
        message = await threads.step_row(database, place.message_id)
        if message is None or message["thread_id"] != thread_id or message["turn"] is None:
            return Missed(anew=True)
        if message["deleted_at"] is not None or not message["shown"]:
            return Missed(anew=True)
    after = message["seq"] - 1 if message is not None else -1
    page = await message_page(database, thread_id, limit=MOST_MESSAGES, after=after)
    if page.more:
        return Missed(anew=True)
    rows = _in_order(page)
    standing = tuple(row["step_id"] for row in rows if message is None or row["seq"] > message["seq"])
    return Missed(message, rows, page.forms, page.elements, standing=standing)


def _in_order(page: MessagePage) -> list[Row]:
    return sorted([*page.messages, *page.steps], key=lambda row: int(row["seq"]))
