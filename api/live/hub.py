"""Who is told of a thread over the API, and the screen that tells them."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import structlog

from api.live.events import ComponentEvent, Kind, LiveEvent, StatusEvent, ThinkingEvent, TokenEvent
from api.shapes import file_shape, form_shape, intent_shapes, left_shape, message_shape, step_shape
from data_layer.database.rows import Row
from stages.chat.left import Left
from stages.chat.stage import ChatStage
from study.strings import Strings
from study.vocabulary import MESSAGE_TYPES, StepType

log = structlog.get_logger(__name__)

Room = tuple[str, str]

# Events that wait for a reader who is slow. Whoever falls behind is let go of, and resumes.
MOST_WAITING: Final = 2_000
# Readers of one thread.
MOST_LISTENERS: Final = 50

_MESSAGES: Final = frozenset(kind.value for kind in MESSAGE_TYPES)


@dataclass(frozen=True)
class TurnEnded:
    """A turn has ended; how, is read from the record.

    Args:
        message_id: Of which message; None where that is not known here.
    """

    message_id: str | None


class LiveListener:
    """One who is told."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self._waiting: asyncio.Queue[LiveEvent | TurnEnded | None] = asyncio.Queue()
        self.fell_behind = False

    def tell(self, event: LiveEvent | TurnEnded) -> None:
        """Tell it something, in its turn."""
        if self.fell_behind:
            return
        if self._waiting.qsize() >= MOST_WAITING:
            self.fell_behind = True
            self._waiting.put_nowait(None)
            return
        self._waiting.put_nowait(event)

    def end(self) -> None:
        """Nothing more will come."""
        self._waiting.put_nowait(None)

    async def next(self) -> LiveEvent | TurnEnded | None:
        """What it is told next; None at the end."""
        return await self._waiting.get()


class LiveHub:
    """The listeners of this process, by thread: one of the doors of stages/chat/audiences.py."""

    def __init__(self) -> None:
        self._rooms: dict[Room, list[LiveListener]] = {}
        self._stage: ChatStage | None = None

    def watch(self, stage: ChatStage) -> None:
        """Be told of turns that come in by other doors."""
        self._stage = stage
        stage.audiences.join(self)

    @contextmanager
    def listening(self, participant_id: str, thread_id: str) -> Iterator[LiveListener]:
        """Listen to a participant's thread: from now on, nothing that is shown is missed."""
        room = (participant_id, thread_id)
        listeners = self._rooms.setdefault(room, [])
        while len(listeners) >= MOST_LISTENERS:
            listeners.pop(0).end()
        listener = LiveListener(room)
        listeners.append(listener)
        try:
            yield listener
        finally:
            if listener in listeners:
                listeners.remove(listener)
            if not listeners and self._rooms.get(room) is listeners:
                del self._rooms[room]

    def growing(self, thread_id: str) -> list[Row]:
        """What grows in a thread, as it stands on the screens now."""
        reply = self._stage.running(thread_id) if self._stage is not None else None
        return reply.shown if reply is not None else []

    def screen_of(self, participant_id: str, thread_id: str, strings: Strings) -> "LiveScreen | None":
        """A screen of all who listen to a thread; None while nobody does."""
        room = (participant_id, thread_id)
        return LiveScreen(self, room, strings) if room in self._rooms else None

    def tell(self, room: Room, event: LiveEvent | TurnEnded) -> None:
        """Tell all who listen."""
        for listener in tuple(self._rooms.get(room, ())):
            listener.tell(event)


class LiveScreen:
    """Shows a thread to all who listen to it.

    Args:
        hub: Where they are.
        room: Which of them are meant.
        strings: In the language of who asked.
        asking: Who is told what is for who asked alone; None where that is nobody of these.
    """

    def __init__(
        self, hub: LiveHub, room: Room, strings: Strings, asking: LiveListener | None = None
    ) -> None:
        self._hub = hub
        self._room = room
        self._asking = asking
        self.strings = strings

    @property
    def _thread_id(self) -> str:
        return self._room[1]

    async def kept(self, message: Row) -> None:
        """Say that a message is kept, and show it."""
        await self.show(message)
        kept = StatusEvent(thread_id=self._thread_id, state="kept", message_id=message["step_id"])
        self._hub.tell(self._room, kept)

    async def show(self, step: Row) -> None:
        """Show a step or message as it now stands."""
        if step["type"] in _MESSAGES:
            self._show("message", message_shape(step))
        else:
            self._show("step", step_shape(step))

    async def show_run(self, run: Row) -> None:
        """Nothing: a run is what its reply and its steps name."""

    async def show_element(self, element: Row) -> None:
        """Show a file."""
        self._show("file", file_shape(element))

    async def show_form(self, form: Row) -> None:
        """Show a form as it now stands."""
        self._show("form", form_shape(form))

    async def form_refused(self, form_id: str, errors: Mapping[str, Row]) -> None:
        """Say to who sent a form that it was not kept."""
        self._tell_asking(
            ComponentEvent(
                thread_id=self._thread_id,
                kind="form_refused",
                data={"id": form_id, "errors": {item: dict(flaw) for item, flaw in errors.items()}},
            )
        )

    async def begin(self, message: Row) -> None:
        """Show the first words of what grows."""
        self._grow(message, 0, message["output"] or "")

    async def more(self, step_id: str, text: str) -> None:
        """Add words to it."""
        # What the reply has shown so far has these words in it: where they begin needs no counting here.
        for row in self._hub.growing(self._thread_id):
            if row["step_id"] == step_id:
                self._grow(row, len(row["output"]) - len(text), text)

    async def remove(self, step_ids: Sequence[str]) -> None:
        """Take messages and steps off the screen."""
        self._show("removed", {"ids": list(step_ids)})

    async def redraw(self, thread: Row) -> None:
        """Say that what stands has changed as a whole: whoever shows the thread reads it anew."""
        self._show("removed", {"ids": [], "all": True})

    async def mark(self, marks: Mapping[str, Row]) -> None:
        """Show branches, ratings and bookmarks."""
        self._show("marks", {step_id: dict(mark) for step_id, mark in marks.items()})

    async def show_intents(self, thread_id: str, shown: Sequence[Row]) -> None:
        """Show intents as they now stand."""
        self._show("intents", {"intents": intent_shapes(shown)})

    async def offer_retry(self, notice_id: str, message_id: str) -> None:
        """Say that a message has no answer, and may be retried."""
        self._show("retry", {"notice_id": notice_id, "message_id": message_id})

    async def busy(self, working: bool) -> None:
        """Say that an agent is at work, or done."""
        state = "working" if working else "idle"
        self._hub.tell(self._room, StatusEvent(thread_id=self._thread_id, state=state))

    async def left(self, left: Left) -> None:
        """Show how much may still be used."""
        self._show("left", left_shape(left))

    async def say(self, text: str) -> None:
        """Show a passing line to who asked."""
        self._tell_asking(StatusEvent(thread_id=self._thread_id, state="said", text=text))

    def _grow(self, row: Row, at: int, text: str) -> None:
        event = ThinkingEvent if row["type"] == StepType.THINKING else TokenEvent
        grown = event(thread_id=self._thread_id, message_id=row["step_id"], at=at, text=text)
        self._hub.tell(self._room, grown)

    def _show(self, kind: Kind, data: Row) -> None:
        event = ComponentEvent.model_construct(thread_id=self._thread_id, kind=kind, data=data)
        self._hub.tell(self._room, event)

    def _tell_asking(self, event: LiveEvent) -> None:
        if self._asking is not None:
            self._asking.tell(event)
