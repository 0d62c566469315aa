"""A thread as one reader follows it: from where they stopped reading, without a word lost or doubled.

Two kinds: who asked for one turn hears of that turn alone, to its end; who follows a thread hears of all.
Whoever only ever appends the words of `token` events has the replies whole: what stands in an event as a
whole, and was not told word by word yet, is told so first.
"""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

import structlog

from api.live.events import (
    ComponentEvent,
    DoneEvent,
    ErrorEvent,
    LiveEvent,
    StatusEvent,
    ThinkingEvent,
    TokenEvent,
)
from api.live.hub import LiveHub, LiveListener, TurnEnded
from api.live.missed import Missed, missed_by, turn_missed
from api.live.place import Place
from api.shapes import file_shape, form_shape, message_shape, step_shape
from data_layer.conversations import threads
from data_layer.conversations.forms import form_mark
from data_layer.conversations.messages import turn_of
from data_layer.database.engine import Database
from data_layer.database.rows import Row
from stages.chat.away import AWAY
from study.vocabulary import MESSAGE_TYPES, MessageRole, StepType

log = structlog.get_logger(__name__)

_MESSAGES = frozenset(kind.value for kind in MESSAGE_TYPES)
_UNKNOWN = object()


@dataclass(frozen=True)
class Placed:
    """An event, and where its reader is then."""

    place: str
    event: LiveEvent


class LiveReading:
    """Follows a thread for one reader.

    Args:
        database: Read when somebody comes back.
        hub: What grows now.
        listener: What happens from now on.
        place: Where they were.
        only: The message whose turn alone they read; None for the whole thread.
    """

    def __init__(
        self,
        database: Database,
        hub: LiveHub,
        listener: LiveListener,
        place: Place,
        only: str | None = None,
    ) -> None:
        self._database = database
        self._hub = hub
        self._listener = listener
        self._place = place
        self._only = only
        self._thread_id = listener.room[1]
        self._turn: object = _UNKNOWN
        # Turns whose end has not been told, by their message; and the last reply of each.
        self._open: dict[str, int | None] = {}
        self._replies: dict[int | None, Row] = {}

    async def catch_up(self, *, ended: bool) -> AsyncIterator[Placed]:
        """What has happened since they stopped reading.

        Args:
            ended: Nothing is under way any more: what is told has ended.
        """
        missed = await self._missed()
        # Nothing else runs between the look at what grows and the first event that comes of it.
        for event in self._what_stands(missed):
            yield self._placed(event)
        if ended and self._only is None:
            for message_id in tuple(self._open):
                yield self._placed(await self.done(message_id))

    async def know_turn(self) -> None:
        """Learn which turn is read, of a message that stands already: nothing may show it anew."""
        message = await threads.step_row(self._database, self._only) if self._only else None
        if message is not None:
            self._see(message_shape(message))

    async def begin(self) -> AsyncIterator[Placed]:
        """What grows just now, from its first word, for who begins to follow in the middle of it."""
        for row in self._hub.growing(self._thread_id):
            for event in self._more(row["step_id"], row["output"], row["type"], row["turn"]):
                yield self._placed(event)

    async def go_on(self, *, until_idle: bool = False) -> AsyncIterator[Placed]:
        """What happens from now on; for who reads one turn, to its end.

        Args:
            until_idle: It is a turn of another door's: nothing tells of its end but that nobody is at work.
        """
        while (told := await self._listener.next()) is not None:
            if isinstance(told, TurnEnded) and told.message_id is None:
                continue
            if isinstance(told, TurnEnded):
                if self._only in (None, told.message_id):
                    yield self._placed(await self.done(told.message_id))
                    if self._only is not None:
                        return
                continue
            if _is_idle(told) and (until_idle or self._only is None):
                for message_id in [self._only] if self._only else list(self._open):
                    yield self._placed(await self.done(message_id))
                if self._only is not None:
                    return
            for event in self._new(told):
                yield self._placed(event)

    async def done(self, message_id: str | None) -> DoneEvent:
        """How a turn ended."""
        known = message_id in self._open
        turn = self._open.pop(message_id, None) if message_id else None
        reply = self._replies.pop(turn, None) if known else None
        if reply is None and message_id is not None:
            reply = await self._kept_reply(message_id)
        if message_id is not None and self._only is None:
            self._place.message_id = next(iter(self._open), message_id)
        return DoneEvent(
            thread_id=self._thread_id,
            message_id=message_id,
            reply_id=reply["id"] if reply else None,
            status=reply["status"] if reply else None,
            content=reply["content"] if reply else None,
        )

    def placed(self, event: LiveEvent) -> Placed:
        """An event that does not change where its reader is."""
        return self._placed(event)

    async def _kept_reply(self, message_id: str) -> Row | None:
        try:
            message = await threads.step_row(self._database, message_id)
            if message is None or message["thread_id"] != self._thread_id or message["turn"] is None:
                return None
            said = (await turn_of(self._database, self._thread_id, message["turn"])).messages
        except AWAY as error:
            log.warning("turns_end_unreadable", error_type=type(error).__name__)
            return None
        replies = [row for row in said if row["type"] == StepType.ASSISTANT_MESSAGE]
        return message_shape(replies[-1]) if replies else None

    async def _missed(self) -> Missed:
        if self._only is not None:
            return await turn_missed(self._database, self._thread_id, self._only)
        return await missed_by(self._database, self._thread_id, self._place)

    def _what_stands(self, missed: Missed) -> Iterator[LiveEvent]:
        if missed.message is not None and self._only is not None:
            self._turn = missed.message["turn"]
        growing = {
            row["step_id"]: row
            for row in self._hub.growing(self._thread_id)
            if self._only is None or row["turn"] == self._turn
        }
        yield from missed.first(self._thread_id)
        for row in missed.rows:
            shown = growing.pop(row["step_id"], row)
            yield from self._as_it_stands(shown, missed, grows=shown is not row)
        for row in growing.values():
            yield from self._as_it_stands(row, missed, grows=True)
        yield from self._beside(missed)

    def _as_it_stands(self, row: Row, missed: Missed, *, grows: bool) -> Iterator[LiveEvent]:
        """A text as a reader who has the beginning of it, or all, is told it."""
        if row["type"] == StepType.USER_MESSAGE:
            self._opened(row["step_id"], row["turn"])
            if self._only is not None:
                return
        grown = row["type"] in (StepType.ASSISTANT_MESSAGE, StepType.THINKING)
        if grown and not missed.was_told(row, self._place):
            yield from self._more(row["step_id"], row["output"] or "", row["type"], row["turn"])
        if not grows:
            event = _whole(row, self._thread_id)
            self._note_reply(event)
            yield event

    def _new(self, event: LiveEvent) -> Iterator[LiveEvent]:
        """An event without the words that its reader has, and with those before it that they have not."""
        if isinstance(event, ComponentEvent) and event.kind == "message":
            self._see(event.data)
        if not self._concerns(event):
            return
        if isinstance(event, ThinkingEvent | TokenEvent):
            known = self._place.known.get(event.message_id, 0)
            if event.at + len(event.text) <= known:
                return
            self._place.note(event.message_id, event.at + len(event.text))
            cut = max(0, known - event.at)
            yield event.model_copy(update={"at": known, "text": event.text[cut:]}) if cut else event
            return
        if isinstance(event, ComponentEvent):
            yield from self._words_of(event)
            self._note_reply(event)
        yield event

    def _words_of(self, event: ComponentEvent) -> Iterator[LiveEvent]:
        """Those words of what is shown as a whole that were not told: its last ones mostly."""
        data = event.data
        if event.kind == "message" and data["role"] == MessageRole.ASSISTANT:
            yield from self._more(data["id"], data["content"], StepType.ASSISTANT_MESSAGE, data["turn"])
        if event.kind == "step" and data["type"] == StepType.THINKING:
            yield from self._more(data["id"], data["output"], StepType.THINKING, data["turn"])

    def _more(self, step_id: str, text: str, kind: str, turn: int | None) -> Iterator[LiveEvent]:
        known = self._place.known.get(step_id, 0)
        # Who saw more than was kept before the server was killed is told nothing twice.
        if known >= len(text):
            return
        self._place.note(step_id, len(text))
        event = ThinkingEvent if kind == StepType.THINKING else TokenEvent
        yield event(thread_id=self._thread_id, message_id=step_id, turn=turn, at=known, text=text[known:])

    def _see(self, data: Row) -> None:
        """A message is shown: it may begin a turn."""
        if data["id"] == self._only:
            self._turn = data["turn"]
        if data["role"] == MessageRole.USER and self._only in (None, data["id"]):
            self._opened(data["id"], data["turn"])

    def _opened(self, message_id: str, turn: int | None) -> None:
        self._open[message_id] = turn
        self._replies.pop(turn, None)
        if self._only is None:
            self._place.message_id = next(iter(self._open))

    def _note_reply(self, event: LiveEvent) -> None:
        if not isinstance(event, ComponentEvent):
            return
        of_reply = event.kind == "message" and event.data["role"] == MessageRole.ASSISTANT
        if of_reply and event.data["turn"] in self._open.values():
            self._replies[event.data["turn"]] = event.data
        if event.kind == "removed":
            gone = event.data["ids"]
            self._replies = {turn: one for turn, one in self._replies.items() if one["id"] not in gone}

    def _concerns(self, event: LiveEvent) -> bool:
        """Whether an event is about what this reader reads."""
        if self._only is None:
            return True
        if isinstance(event, ThinkingEvent | TokenEvent):
            return event.turn == self._turn
        if isinstance(event, ComponentEvent) and event.kind in ("message", "step"):
            return bool(event.data["turn"] == self._turn)
        if isinstance(event, ErrorEvent | StatusEvent):
            return event.message_id in (None, self._only)
        return True

    def _beside(self, missed: Missed) -> Iterator[LiveEvent]:
        for row in missed.forms:
            data = form_shape(form_mark(row))
            yield ComponentEvent(thread_id=self._thread_id, kind="form", data=data)
        for row in missed.elements:
            yield ComponentEvent(thread_id=self._thread_id, kind="file", data=file_shape(row))

    def _placed(self, event: LiveEvent) -> Placed:
        return Placed(str(self._place), event)


def _is_idle(event: Any) -> bool:
    return isinstance(event, StatusEvent) and event.state == "idle"


def _whole(row: Row, thread_id: str) -> ComponentEvent:
    if row["type"] in _MESSAGES:
        return ComponentEvent(thread_id=thread_id, kind="message", data=message_shape(row))
    return ComponentEvent(thread_id=thread_id, kind="step", data=step_shape(row))
