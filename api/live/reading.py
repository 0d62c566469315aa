"""A turn as one reader follows it: from where they stopped reading, without a word lost or doubled.

Where they stopped is in the id of the last event that they got: which message, and how many characters they
have of each text that grew. So a stream is resumed from the record, by any connection, after a restart too:
nothing of it is remembered for them.
"""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Final

from api.live.events import ComponentEvent, DoneEvent, LiveEvent, ThinkingEvent, TokenEvent
from api.live.hub import LiveHub, LiveListener, TurnEnded
from api.shapes import file_shape, form_shape, message_shape, step_shape
from data_layer.conversations import threads
from data_layer.conversations.forms import form_mark
from data_layer.conversations.messages import MessagePage, turn_of
from data_layer.database.engine import Database
from data_layer.database.ids import is_uuid
from data_layer.database.rows import Row
from study.vocabulary import MESSAGE_TYPES, MessageRole, StepType

_PLACE: Final = re.compile(r"([0-9a-f-]{36}):([0-9]{1,9})")
_MOST_PLACES: Final = 40
_MESSAGES: Final = frozenset(kind.value for kind in MESSAGE_TYPES)


@dataclass
class Place:
    """Where somebody is in a thread.

    Args:
        message_id: The participant's message whose turn it is; "" before there is one.
        known: How many characters they have of each text.
    """

    message_id: str = ""
    known: dict[str, int] = field(default_factory=dict)

    def __str__(self) -> str:
        """For the id of an event."""
        places = [f"{step_id}:{length}" for step_id, length in self.known.items()][-_MOST_PLACES:]
        return "~".join([self.message_id, *places])

    @classmethod
    def read(cls, text: str) -> "Place | None":
        """A place as __str__ writes it; None for anything else."""
        message_id, *places = text.split("~")
        found = [_PLACE.fullmatch(one) for one in places]
        if (message_id and not is_uuid(message_id)) or len(found) > _MOST_PLACES or not all(found):
            return None
        return cls(message_id, {one[1]: int(one[2]) for one in found if one})


@dataclass(frozen=True)
class Placed:
    """An event, and where its reader is then."""

    place: str
    event: LiveEvent


class LiveReading:
    """Follows a thread for one reader.

    Args:
        database: Read when somebody comes back, and at the end of a turn.
        hub: What grows now.
        listener: What happens from now on.
        place: Where they were; a new one for the beginning.
    """

    def __init__(self, database: Database, hub: LiveHub, listener: LiveListener, place: Place) -> None:
        self._database = database
        self._hub = hub
        self._listener = listener
        self._place = place
        self._thread_id = listener.room[1]
        self._stays = False

    async def catch_up(self) -> AsyncIterator[Placed]:
        """What has happened in their turn since; nothing where they name none."""
        message = (
            await threads.step_row(self._database, self._place.message_id) if self._place.message_id else None
        )
        if message is None or message["thread_id"] != self._thread_id or message["turn"] is None:
            return
        page = await turn_of(self._database, self._thread_id, message["turn"])
        growing = {row["step_id"]: row for row in self._hub.growing(self._thread_id)}
        for row in sorted([*page.messages, *page.steps], key=lambda row: row["seq"]):
            if row["type"] == StepType.USER_MESSAGE:
                continue
            shown = growing.pop(row["step_id"], row)
            for event in self._as_it_stands(shown, grows=shown is not row):
                yield self._placed(event)
        for row in growing.values():
            for event in self._as_it_stands(row, grows=True):
                yield self._placed(event)
        for event in _beside(page, self._thread_id):
            yield self._placed(event)

    async def go_on(self, until: str | None = None) -> AsyncIterator[Placed]:
        """What happens from now on.

        Args:
            until: The message whose turn's end is the end; None for no end.
        """
        self._stays = until is not None
        while (told := await self._listener.next()) is not None:
            if isinstance(told, TurnEnded):
                if until is None or told.message_id == until:
                    yield self._placed(await self.done(told.message_id))
                if until is not None and told.message_id == until:
                    return
                continue
            event = self._new(told)
            if event is not None:
                yield self._placed(event)

    async def done(self, message_id: str | None) -> DoneEvent:
        """How a turn ended."""
        message = await threads.step_row(self._database, message_id) if message_id else None
        reply: Row | None = None
        if message is not None and message["turn"] is not None:
            said = (await turn_of(self._database, self._thread_id, message["turn"])).messages
            reply = next((row for row in reversed(said) if row["type"] == StepType.ASSISTANT_MESSAGE), None)
        return DoneEvent(
            thread_id=self._thread_id,
            message_id=message_id,
            reply_id=reply["step_id"] if reply else None,
            status=reply["status"] if reply else None,
            content=reply["output"] if reply else None,
        )

    def _as_it_stands(self, row: Row, *, grows: bool) -> list[LiveEvent]:
        """A text as a reader who has the beginning of it, or all, is told it."""
        text, events = row["output"] or "", list[LiveEvent]()
        if row["type"] in (StepType.ASSISTANT_MESSAGE, StepType.THINKING):
            known = self._place.known.get(row["step_id"], 0)
            # They have more than was kept before the server was killed: the record is what was said.
            known = known if known <= len(text) else 0
            if text[known:]:
                events.append(_grown(row, known, text[known:]))
            self._place.known[row["step_id"]] = len(text)
        if not grows:
            events.append(_whole(row, self._thread_id))
        return events

    def _new(self, event: LiveEvent) -> LiveEvent | None:
        """An event without the words that its reader has; None where they have all."""
        spoken = _spoken_in(event)
        if spoken is not None and spoken != self._place.message_id and not self._stays:
            self._place = Place(spoken)
        if not isinstance(event, ThinkingEvent | TokenEvent):
            return event
        known, end = self._place.known.get(event.message_id, 0), event.at + len(event.text)
        if end <= known:
            return None
        self._place.known[event.message_id] = end
        if event.at >= known:
            return event
        return event.model_copy(update={"at": known, "text": event.text[known - event.at :]})

    def _placed(self, event: LiveEvent) -> Placed:
        return Placed(str(self._place), event)


def _spoken_in(event: LiveEvent) -> str | None:
    """The participant's message that an event shows; None where it shows none."""
    if not isinstance(event, ComponentEvent) or event.kind != "message":
        return None
    is_theirs = event.data["role"] == MessageRole.USER.value
    return str(event.data["id"]) if is_theirs else None


def _grown(row: Row, at: int, text: str) -> LiveEvent:
    event = ThinkingEvent if row["type"] == StepType.THINKING else TokenEvent
    return event(thread_id=row["thread_id"], message_id=row["step_id"], at=at, text=text)


def _whole(row: Row, thread_id: str) -> LiveEvent:
    if row["type"] in _MESSAGES:
        return ComponentEvent(thread_id=thread_id, kind="message", data=message_shape(row))
    return ComponentEvent(thread_id=thread_id, kind="step", data=step_shape(row))


def _beside(page: MessagePage, thread_id: str) -> list[LiveEvent]:
    forms = [
        ComponentEvent(thread_id=thread_id, kind="form", data=form_shape(form_mark(row)))
        for row in page.forms
    ]
    files = [ComponentEvent(thread_id=thread_id, kind="file", data=file_shape(row)) for row in page.elements]
    return [*forms, *files]
