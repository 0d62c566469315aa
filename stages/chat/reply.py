"""One reply: shows what an agent yields, and keeps what it shows.

The first words go out at once; after them they gather into frames, at most FRAMES_A_SECOND, for a
Socket.IO event costs the server about half a millisecond however few words it carries. What has
been shown is committed at least every CHECKPOINT_S; the whole reply before the page calls it finished.
"""

import asyncio
import contextlib
import time
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from typing import Final

import structlog

from agent.base import CallEnded, CallStarted, Done, Event, StepEnded, StepStarted, TextDelta
from data_layer.batch import Outcome
from data_layer.record import Record
from data_layer.text import storable
from data_layer.writes import InsertRow, PatchRow, PutStep, Row, Write
from stages.provenance import OpenCall, Pricing, call_ended, call_started, milliseconds
from stages.screen import Screen
from study.vocabulary import Status, StepType

log = structlog.get_logger(__name__)

FRAMES_A_SECOND: Final = 8
CHECKPOINT_S: Final = 1.0


class Reply:
    """A run's visible side, from its first event to its end.

    Args:
        record: Where it is kept.
        screen: Where it is shown.
        run: The row of `runs` that it belongs to, already given out with its order.
        pricing: Costs of a call.
        monotonic: A clock in seconds.
        sleep: Waits for seconds of that clock, between two frames.
    """

    def __init__(
        self,
        record: Record,
        screen: Screen,
        run: Row,
        pricing: Pricing,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.screen = screen
        self.run = run
        self.message_id = str(uuid.uuid4())
        self.ended = asyncio.Event()
        self._record = record
        self._pricing = pricing
        self._monotonic = monotonic
        self._sleep = sleep
        self._started = monotonic()
        self._first_shown: float | None = None
        self._text = ""
        self._shown = ""
        self._kept = ""
        self._more = asyncio.Event()
        self._at_work: list[asyncio.Task[None]] = []
        self._call: OpenCall | None = None
        self._open_steps: dict[str, Row] = {}
        self._message: Row | None = None

    @property
    def shown(self) -> Row | None:
        """The reply as it stands on the screen now; None before its first words."""
        return None if self._message is None else self._message | {"output": self._shown}

    async def begin(self) -> None:
        """Keep and show that the run has begun."""
        # A copy, here and below: what waits in the queue must not change with what goes on.
        self._record.writer.submit(InsertRow("runs", dict(self.run)))
        await self.screen.show_run(self.run)

    async def stream(self, events: AsyncIterator[Event]) -> None:
        """Show and keep what comes, until it is done.

        Raises:
            AgentError: The agent could not go on.
        """
        async with contextlib.aclosing(_closeable(events)) as source:
            async for event in source:
                await self._take(event)

    async def finish(self, status: Status, error: Exception | None = None) -> Outcome:
        """Commit the end, then show it.

        Args:
            status: How it ended.
            error: Why, when it failed; kept, never shown.

        Returns:
            What became of the write.
        """
        for task in self._at_work:
            task.cancel()
        # Whatever befell them, the end is committed.
        for broken in await asyncio.gather(*self._at_work, return_exceptions=True):
            if isinstance(broken, Exception):
                log.error("reply_not_shown", error_type=type(broken).__name__)
        # A stopped reply keeps what was on the screen, not what was still on its way.
        self._shown = self._text if status == Status.COMPLETE else self._shown
        outcome = await self._record.writer.submit(*self._last_writes(status, error))
        for step in self._open_steps.values():
            await self.screen.show(step)
        if self._message is not None:
            await self.screen.show(self._message)
        await self.screen.show_run(self.run)
        self.ended.set()
        return outcome

    async def _take(self, event: Event) -> None:
        match event:
            case TextDelta():
                self._say(storable(event.text))
            case StepStarted():
                await self._start_step(event)
            case StepEnded():
                await self._end_step(event)
            case CallStarted():
                self._start_call(event)
            case CallEnded():
                self._end_call(event, Status.FAILED if event.error_type else Status.COMPLETE)
            case Done():
                pass

    def _say(self, text: str) -> None:
        if not text:
            return
        self._text += text
        if self._call is not None and self._call.first_token is None:
            self._call.first_token = self._monotonic()
        self._more.set()
        if not self._at_work:
            self._at_work = [
                asyncio.create_task(self._show_frames(), name="frames of a reply"),
                asyncio.create_task(self._keep_up(), name="checkpoints of a reply"),
            ]

    async def _show_frames(self) -> None:
        while True:
            await self._more.wait()
            self._more.clear()
            await self._frame()
            await self._sleep(1 / FRAMES_A_SECOND)

    async def _frame(self) -> None:
        new = self._text[len(self._shown) :]
        self._shown = self._text
        if self._message is not None:
            await self.screen.more(self.message_id, new)
            return
        self._note_first_shown()
        self._message = self._step_row(self.message_id, StepType.ASSISTANT_MESSAGE, self.run["agent"])
        self._message["output"] = new
        self._checkpoint(self._message)
        await self.screen.begin(self._message)

    async def _keep_up(self) -> None:
        """Apart from the frames: an agent may think for long after words that have been read."""
        while True:
            await self._sleep(CHECKPOINT_S)
            if self._message is not None and self._shown != self._kept:
                self._checkpoint(self._message)

    def _checkpoint(self, message: Row) -> None:
        self._kept = self._shown
        self._record.writer.submit(PutStep(message | {"output": self._shown}, self._record.now()))

    async def _start_step(self, event: StepStarted) -> None:
        self._note_first_shown()
        step = self._step_row(str(uuid.uuid4()), event.type, event.name)
        step |= {"input": storable(event.input), "started_at": self._record.now()}
        self._open_steps[event.key] = step
        self._record.writer.submit(PutStep(dict(step), self._record.now(), creates=True))
        await self.screen.show(step)

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
        await self.screen.show(step)

    def _start_call(self, event: CallStarted) -> None:
        self._call, writes = call_started(
            event,
            run=self.run,
            message_id=self.message_id,
            order=self._record.take_order(),
            at=self._record.now(),
            started=self._monotonic(),
        )
        self._record.writer.submit(*writes)

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

    def _last_writes(self, status: Status, error: Exception | None) -> list[Write]:
        now = self._record.now()
        self._end_call(None, status)
        if status == Status.COMPLETE and self._text and self._message is None:
            # The whole reply came before its first frame.
            self._note_first_shown()
            self._message = self._step_row(self.message_id, StepType.ASSISTANT_MESSAGE, self.run["agent"])
        writes: list[Write] = []
        for step in self._open_steps.values():
            step |= {"status": status.value, "ended_at": now, "is_error": status == Status.FAILED}
            writes.append(PutStep(step, now))
        if self._message is not None:
            self._message |= {"output": self._shown, "status": status.value, "ended_at": now}
            writes.append(PutStep(self._message, now))
        end: Row = {
            "status": status.value,
            "ended_at": now,
            "latency_ms": milliseconds(self._monotonic() - self._started),
            "ttft_ms": None if self._first_shown is None else milliseconds(self._first_shown - self._started),
            "error_type": None if error is None else getattr(error, "error_type", type(error).__name__),
            "error_message": None if error is None else storable(str(error))[:2000],
        }
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
