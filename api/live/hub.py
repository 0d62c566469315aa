"""Who is told of a thread over the API, and the screen that tells them."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import structlog

from api.live.events import (
    ComponentEvent,
    ErrorEvent,
    Kind,
    LiveEvent,
    StatusEvent,
    ThinkingEvent,
    TokenEvent,
)
from api.shapes import file_shape, form_shape, intent_shapes, left_shape, message_shape, step_shape
from data_layer.database.rows import Row
from stages.chat.left import Left
from stages.chat.notices import LeftUnanswered
from stages.chat.stage import ChatStage
from study.strings import Strings
from study.vocabulary import MESSAGE_TYPES, StepType

log = structlog.get_logger(__name__)

Room = tuple[str, str]

# Events that wait for a reader who is slow. Whoever falls behind is let go of, and resumes.
MOST_WAITING: Final = 2_000
# Readers of one thread.
MOST_LISTENERS: Final = 50
SIGNED_OUT: Final = "This sign-in has ended. Sign in again: POST /auth/login."

_MESSAGES: Final = frozenset(kind.value for kind in MESSAGE_TYPES)


@dataclass(frozen=True)
class TurnEnded:
    """A turn has ended; how, is read from the record.

    Args:
        message_id: Of which message; None where that is not known here.
    """

    message_id: str | None


class LiveListener:
    """One who is told.

    Args:
        room: Of what.
        sign_in_id: By which sign-in they came.
    """

    def __init__(self, room: Room, sign_in_id: str = "") -> None:
        self.room = room
        self.sign_in_id = sign_in_id
        self._waiting: asyncio.Queue[LiveEvent | TurnEnded | None] = asyncio.Queue()
        self._last: ErrorEvent | None = None
        self._is_over = False

    def tell(self, event: LiveEvent | TurnEnded) -> None:
        """Tell it something, in its turn."""
        if self._is_over:
            return
        if self._waiting.qsize() >= MOST_WAITING:
            self.end(
                "fell_behind", "You read more slowly than this came: come back with the last event's id."
            )
            return
        self._waiting.put_nowait(event)

    def end(self, code: str, detail: str) -> None:
        """Nothing more will come, not even what waits: whoever may still read comes back for it."""
        if not self._is_over:
            self._is_over = True
            self._last = ErrorEvent(thread_id=self.room[1], code=code, detail=detail)
            self._waiting.put_nowait(None)

    @property
    def has_more(self) -> bool:
        """Whether something waits to be read."""
        return not self._waiting.empty()

    async def next(self) -> LiveEvent | TurnEnded | None:
        """What it is told next; None at the end."""
        told = None if self._is_over else await self._waiting.get()
        if not self._is_over:
            return told
        last, self._last = self._last, None
        return last


class LiveHub:
    """The listeners of this process, by thread: one of the doors of stages/chat/audiences.py."""

    def __init__(self) -> None:
        self._rooms: dict[Room, list[LiveListener]] = {}
        self._of_sign_in: dict[str, set[LiveListener]] = {}
        self._turns: Counter[tuple[str, str, str]] = Counter()
        self._stage: ChatStage | None = None

    def watch(self, stage: ChatStage) -> None:
        """Be told of turns that come in by other doors."""
        self._stage = stage
        stage.audiences.join(self)

    @contextmanager
    def listening(self, participant_id: str, thread_id: str, sign_in_id: str = "") -> Iterator[LiveListener]:
        """Listen to a participant's thread: from now on, nothing that is shown is missed."""
        room = (participant_id, thread_id)
        listeners = self._rooms.setdefault(room, [])
        while len(listeners) >= MOST_LISTENERS:
            listeners.pop(0).end("too_many", "Too many follow this thread; the one that came first ends.")
        listener = LiveListener(room, sign_in_id)
        listeners.append(listener)
        self._of_sign_in.setdefault(sign_in_id, set()).add(listener)
        try:
            yield listener
        finally:
            if listener in listeners:
                listeners.remove(listener)
            if not listeners and self._rooms.get(room) is listeners:
                del self._rooms[room]
            with_it = self._of_sign_in[sign_in_id]
            with_it.discard(listener)
            if not with_it:
                del self._of_sign_in[sign_in_id]

    def signed_out(self, sign_in_id: str) -> None:
        """A sign-in has ended: so does all that is open under it, at once."""
        for listener in tuple(self._of_sign_in.get(sign_in_id, ())):
            listener.end("signed_out", SIGNED_OUT)

    @contextmanager
    def turn(self, room: Room, message_id: str) -> Iterator[None]:
        """A turn is under way; its end is told to the room."""
        turn = (*room, message_id)
        self._turns[turn] += 1
        try:
            yield
        finally:
            self._turns[turn] -= 1
            if not self._turns[turn]:
                del self._turns[turn]

    def is_under_way(self, room: Room, message_id: str) -> bool:
        """Whether a message's turn is under way, and came in by this door."""
        return (*room, message_id) in self._turns

    def thread_of(self, participant_id: str, message_id: str) -> str | None:
        """The thread of a participant's message whose turn is under way, kept or not kept yet."""
        turns = (turn for turn in self._turns if turn[0] == participant_id and turn[2] == message_id)
        return next((turn[1] for turn in turns), None)

    def is_answered_now(self, thread_id: str, message_id: str) -> bool:
        """Whether a message is just being answered, by whichever door it came in."""
        reply = self._stage.running(thread_id) if self._stage is not None else None
        return reply is not None and reply.run["message_id"] == message_id

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

    def __len__(self) -> int:
        """How many listen."""
        return sum(map(len, self._rooms.values()))


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
        self._hub.tell(
            self._room, no_answer(self._thread_id, LeftUnanswered(message_id, notice_id), self.strings)
        )

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
        grown = event(
            thread_id=self._thread_id, message_id=row["step_id"], turn=row["turn"], at=at, text=text
        )
        self._hub.tell(self._room, grown)

    def _show(self, kind: Kind, data: Row) -> None:
        event = ComponentEvent.model_construct(thread_id=self._thread_id, kind=kind, data=data)
        self._hub.tell(self._room, event)

    def _tell_asking(self, event: LiveEvent) -> None:
        if self._asking is not None:
            self._asking.tell(event)


def no_answer(thread_id: str, left: LeftUnanswered, strings: Strings) -> ErrorEvent:
    """Say that a message has no answer, and can be answered anew."""
    return ErrorEvent(
        thread_id=thread_id,
        code="no_answer",
        detail=strings("chat.agent_failed"),
        message_id=left.message_id,
        notice_id=left.notice_id,
    )
