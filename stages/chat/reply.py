"""One reply: shows what an agent yields, and keeps what it shows (growing.py).

The whole of it is committed before the page calls it finished. A reply without anything to see is none: it
fails, so that the participant gets a sentence and a Retry.
"""

import asyncio
import contextlib
import time
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from functools import partial
from typing import Any, Final

from agent.events import (
    CallEnded,
    CallStarted,
    Done,
    Event,
    FormAsked,
    StepEnded,
    StepStarted,
    TextDelta,
    ThinkingDelta,
)
from agent.finish_reasons import cut_off_of
from data_layer.database.rows import Row
from data_layer.record import Record
from data_layer.writing.outcome import Outcome
from data_layer.writing.writes import InsertRow, PatchRow, PutStep, Write
from stages.chat.beside import Beside
from stages.chat.growing import Growing, at_once
from stages.chat.intents import EVENTS, ReplyIntents
from stages.chat.provenance import OpenCall, Pricing, call_ended, call_started, error_columns, milliseconds
from stages.chat.reply_form import ReplyForm
from stages.screen import Screen
from study.errors import AgentUnavailable
from study.text import storable
from study.vocabulary import CutOff, Status, StepType

EMPTY_ANSWER: Final = "empty_answer"
THINKING: Final = "thinking"  # the page has a word for it in each language


class Reply:
    """A run's visible side, from its first event to its end.

    Args:
        record: Where it is kept.
        screen: Where it is shown.
        run: The row of `runs` that it belongs to, already given out with its order.
        pricing: Costs of a call.
        beside: What is shown beside its words.
        in_turn: Waits until what has an earlier number is shown.
        monotonic: A clock in seconds.
        sleep: Waits for seconds of that clock, between two frames.
    """

    def __init__(
        self,
        record: Record,
        screen: Screen,
        run: Row,
        pricing: Pricing,
        beside: Beside = Beside(),  # noqa: B008  # frozen
        in_turn: Callable[[], Awaitable[None]] = at_once,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.screen = screen
        self.run = run
        self.message_id = str(uuid.uuid4())
        self.ended = asyncio.Event()
        self._record = record
        self._pricing = pricing
        self._beside = beside
        self._in_turn = in_turn
        self._monotonic = monotonic
        self._sleep = sleep
        self._started = monotonic()
        self._first_shown: float | None = None
        self.intents = ReplyIntents(record, run, screen)
        self._words = Growing(record, screen, self._begin_message, sleep, in_turn)
        self._thoughts: Growing | None = None
        self._call: OpenCall | None = None
        self._open_steps: dict[str, Row] = {}
        self._cut_off: CutOff | None = None
        self._form = ReplyForm(record, run, self.message_id, screen)
        self._has_acted = False

    @property
    def has_begun(self) -> bool:
        """Whether something of it was said, or done by a tool."""
        return self._has_acted or self._form.is_asked or not self._words.is_blank

    @property
    def shown(self) -> list[Row]:
        """What grows, as it stands on the screen now."""
        growing = [] if self._thoughts is None else [self._thoughts.shown]
        return [row for row in (*growing, self._words.shown) if row is not None]

    async def begin(self) -> None:
        """Keep and show that the run has begun; whoever gave out its number has waited for its turn."""
        # A copy, here and below: what waits in the queue must not change with what goes on.
        self._record.writer.submit(InsertRow("runs", dict(self.run)))
        self.intents.begin()
        await self.screen.show_run(self.run)

    async def stream(self, events: AsyncIterator[Event]) -> None:
        """Show and keep what comes, until it is done.

        Raises:
            AgentError: The agent could not go on, or said nothing.
            LookupError: It yielded what no reply knows.
        """
        async with contextlib.aclosing(_closeable(events)) as source:
            async for event in source:
                await self._take(event)
        if self._words.is_blank:
            self._words.add(self._form.words())
        if self._words.is_blank:
            raise AgentUnavailable("the agent ended without a word", error_type=EMPTY_ANSWER)

    async def finish(self, status: Status, error: Exception | None = None) -> Outcome:
        """Commit the end, then show it.

        Args:
            status: How it ended.
            error: Why, when it failed; kept, never shown.

        Returns:
            What became of the write.
        """
        growing = [one for one in (self._thoughts, self._words) if one is not None]
        for one in growing:
            await one.settle()
        await self._in_turn()
        asked = self._form.open(status)
        outcome = await self._record.writer.submit(*self._last_writes(growing, status, error), *asked)
        for step in self._open_steps.values():
            await self._show_step(step)
        for one in growing:
            await one.show()
        await self._form.show(outcome)
        await self.screen.show_run(self.run)
        await self.intents.tell()
        self.ended.set()
        return outcome

    async def _take(self, event: Event) -> None:
        if not isinstance(event, ThinkingDelta) and event != TextDelta(""):
            await self._end_thoughts()
        handle = HANDLERS.get(type(event))
        if handle is None:
            raise LookupError(f"nothing says what a reply does with a {type(event).__name__} (HANDLERS)")
        await handle(self, event)

    async def _say(self, event: TextDelta) -> None:
        text = storable(event.text)
        if text and self._call is not None and self._call.first_token is None:
            self._call.first_token = self._monotonic()
        self._words.add(text)

    async def _think(self, event: ThinkingDelta) -> None:
        if self._thoughts is None:
            seen = self.run["agent"] in self._beside.thinking_of
            begin = partial(self._begin_thoughts, seen)
            screen = self.screen if seen else None
            self._thoughts = Growing(self._record, screen, begin, self._sleep, self._in_turn)
        self._thoughts.add(storable(event.text))

    def _begin_thoughts(self, seen: bool) -> Row:
        if seen:
            self._note_first_shown()
        return self._step_row(str(uuid.uuid4()), StepType.THINKING, THINKING) | {"shown": seen}

    async def _end_thoughts(self) -> None:
        """A stretch of thinking is over, and the reply goes on."""
        if self._thoughts is None:
            return
        await self._thoughts.settle()
        # From here to the write nothing can come in between: a Stop finds the stretch open, or ended.
        thoughts, self._thoughts = self._thoughts, None
        put = thoughts.end(Status.COMPLETE, self._record.now())
        if put is not None:
            self._record.writer.submit(put)
            await thoughts.show()

    def _begin_message(self) -> Row:
        self._note_first_shown()
        row = self._step_row(self.message_id, StepType.ASSISTANT_MESSAGE, self.run["agent"])
        return row | {"fallback_for": self.run.get("fallback_for")}

    async def _start_step(self, event: StepStarted) -> None:
        # Looking what was meant does nothing that could be done twice.
        self._has_acted = self._has_acted or event.type == StepType.TOOL
        await self._in_turn()
        seen = self._beside.shows_step(self.run["agent"], event.type)
        step = self._step_row(str(uuid.uuid4()), event.type, event.name) | {"shown": seen}
        step |= {"input": storable(event.input), "started_at": self._record.now()}
        self._open_steps[event.key] = step
        self._record.writer.submit(PutStep(dict(step), self._record.now(), creates=True))
        if seen:
            self._note_first_shown()
        await self._show_step(step)

    async def _end_step(self, event: StepEnded) -> None:
        step = self._open_steps.pop(event.key, None)
        if step is None:
            return
        step |= {
            "output": storable(event.output),
            "is_error": event.is_error,
            "ended_at": self._record.now(),
            "status": Status.COMPLETE.value,
        }
        self._record.writer.submit(PutStep(step, self._record.now()))
        await self._show_step(step)

    async def _show_step(self, step: Row) -> None:
        if step["shown"]:
            await self.screen.show(step)

    async def _start_call(self, event: CallStarted) -> None:
        self._call, writes = call_started(
            event,
            run=self.run,
            message_id=self.message_id,
            order=self._record.take_order(),
            at=self._record.now(),
            started=self._monotonic(),
        )
        self._record.writer.submit(*writes)

    async def _call_ended(self, event: CallEnded) -> None:
        self._cut_off = cut_off_of(event.finish_reason)
        self._end_call(event, Status.FAILED if event.error_type else Status.COMPLETE)

    async def _ask(self, event: FormAsked) -> None:
        """It is shown when it is committed, with the reply's end."""
        self._form.ask(event.form)

    async def _move_intent(self, event: Any) -> None:
        await self.intents.take(event)

    async def _done(self, _event: Done) -> None:
        """stream() ends with its agent, who may yet close what it has open."""

    def _end_call(self, event: CallEnded | None, status: Status) -> None:
        if self._call is not None:
            patch = call_ended(
                self._call,
                event,
                status=status,
                at=self._record.now(),
                now=self._monotonic(),
                pricing=self._pricing,
            )
            self._call = None
            self._record.writer.submit(patch)

    def _last_writes(self, growing: list[Growing], status: Status, error: Exception | None) -> list[Write]:
        now = self._record.now()
        self._end_call(None, status)
        writes: list[Write] = []
        for step in self._open_steps.values():
            step |= {"status": status.value, "ended_at": now, "is_error": status == Status.FAILED}
            writes.append(PutStep(step, now))
        for one in growing:
            said = self._cut_off if one is self._words and status == Status.COMPLETE else None
            columns: Row = {"cut_off": said.value} if said and self._beside.cut_off else {}
            if one is self._words:
                columns |= self._form.of_message
            put = one.end(status, now, **columns)
            writes += [] if put is None else [put]
        end: Row = {
            "status": status.value,
            "ended_at": now,
            "latency_ms": milliseconds(self._monotonic() - self._started),
            "ttft_ms": None if self._first_shown is None else milliseconds(self._first_shown - self._started),
        } | error_columns(error)
        self.run |= end
        return [*writes, PatchRow("runs", {"run_id": self.run["run_id"]}, end, "ended_at")]

    def _note_first_shown(self) -> None:
        if self._first_shown is None:
            self._first_shown = self._monotonic()

    def _step_row(self, step_id: str, kind: str, name: str) -> Row:
        now = self._record.now()
        return {
            "step_id": step_id,
            "thread_id": self.run["thread_id"],
            "parent_id": self.run["run_id"],
            "run_id": self.run["run_id"],
            "connection_id": self.run["connection_id"],
            "intent_id": self.intents.intent_id,
            "turn": self.run["turn"],
            "type": str(kind),
            "name": storable(name),
            "agent": self.run["agent"],
            "status": Status.STREAMING.value,
            "output": "",
            "created_at": now,
            "started_at": now,
        }


async def _closeable(events: AsyncIterator[Event]) -> AsyncGenerator[Event]:
    """An agent may be any async iterator; this one can be closed, and closes it."""
    try:
        async for event in events:
            yield event
    finally:
        close = getattr(events, "aclose", None)
        if close is not None:
            await close()


# What a reply does with each kind of event.
HANDLERS: Final[Mapping[type, Callable[[Reply, Any], Awaitable[None]]]] = {
    TextDelta: Reply._say,
    ThinkingDelta: Reply._think,
    StepStarted: Reply._start_step,
    StepEnded: Reply._end_step,
    FormAsked: Reply._ask,
    CallStarted: Reply._start_call,
    CallEnded: Reply._call_ended,
    **dict.fromkeys(EVENTS, Reply._move_intent),
    Done: Reply._done,
}
