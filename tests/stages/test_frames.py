"""How a reply comes onto the screen: first words at once, then in frames, and kept as it goes."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Sequence

import pytest

from agent.events import Event, StepEnded, StepStarted, TextDelta
from data_layer.chainlit.shapes import run_dict, step_dict
from data_layer.database.rows import Row
from data_layer.record import Record
from stages.chat.growing import CHECKPOINT_S, FRAMES_A_SECOND
from stages.chat.reply import Reply
from study.vocabulary import Status
from tests.data_layer.rows import begin_thread, one, rows
from tests.fakes import FakeScreen, FakeTime, settle


class TimedScreen(FakeScreen):
    """A screen that notes when each frame came."""

    def __init__(self, time: FakeTime) -> None:
        super().__init__()
        self._time = time
        self.frames: list[float] = []

    async def begin(self, message: Row) -> None:
        """Show the first words of a reply that goes on."""
        self.frames.append(self._time.now)
        await super().begin(message)

    async def more(self, step_id: str, text: str) -> None:
        """Add words to it."""
        self.frames.append(self._time.now)
        await super().more(step_id, text)


class Stream:
    """A reply that is being given, while a test turns the time on.

    Args:
        record: Where it is kept.
        run: Its run.
    """

    def __init__(self, record: Record, run: Row) -> None:
        self.time = FakeTime()
        self.screen = TimedScreen(self.time)
        self.reply = Reply(
            record, self.screen, run, lambda *_: None, monotonic=self.time.monotonic, sleep=self.time.sleep
        )
        self._task: asyncio.Task[None] | None = None

    async def hear(self, events: AsyncIterator[Event]) -> None:
        """Begin to take what an agent says."""
        await self.reply.begin()
        self._task = asyncio.create_task(self.reply.stream(events))
        await settle()

    async def speak(self, texts: Sequence[str], gap: float) -> None:
        """Begin to take words, one each `gap` seconds."""
        await self.hear(self._words(texts, gap))

    async def finish(self, status: Status = Status.COMPLETE) -> None:
        """End it."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self.reply.finish(status)

    async def _words(self, texts: Sequence[str], gap: float) -> AsyncIterator[Event]:
        for text in texts:
            yield TextDelta(text)
            await self.time.sleep(gap)


@pytest.fixture
async def stream(record: Record) -> AsyncIterator[Stream]:
    """A reply that has not begun."""
    thread_id = await begin_thread(record)
    message = await one(record, "steps")
    run = {
        "run_id": "0d0e6c1e-8d0f-4a3b-9f6e-5b7a0c9d1e2f",
        "thread_id": thread_id,
        "message_id": message["step_id"],
        "connection_id": None,
        "seq": record.take_order(),
        "turn": 1,
        "name": "on_message",
        "agent": "Agent",
        "status": Status.STREAMING.value,
        "started_at": record.now(),
    }
    stream = Stream(record, run)
    yield stream
    if not stream.reply.ended.is_set():
        await stream.finish(Status.INTERRUPTED)


async def kept(record: Record) -> str:
    """The reply's words in the record."""
    await record.writer.flush()
    return "".join(row["output"] for row in await rows(record, "steps", type="assistant_message"))


def many(count: int) -> list[str]:
    """Words that can be told from each other."""
    return [f"w{number} " for number in range(count)]


async def test_the_first_words_come_at_once(stream: Stream) -> None:
    """No time passes between the agent and the screen."""
    await stream.speak(["Hello ", "there."], gap=60)
    assert stream.screen.texts == ["Hello "]
    assert stream.screen.frames == [0.0]


async def test_slow_words_come_at_once_as_well(stream: Stream) -> None:
    """A frame waits only for the one before it."""
    await stream.speak(many(5), gap=1)
    await stream.time.pass_by(4)
    assert stream.screen.frames == [0.0, 1.0, 2.0, 3.0, 4.0]


async def test_fast_words_gather_into_eight_frames_a_second(stream: Stream) -> None:
    """A thousand words in two seconds are seventeen frames, each an eighth of a second after the last."""
    await stream.speak(many(1000), gap=0.002)
    await stream.time.pass_by(2)
    assert FRAMES_A_SECOND == 8
    assert len(stream.screen.frames) == 17
    gaps = [later - earlier for earlier, later in itertools.pairwise(stream.screen.frames)]
    assert min(gaps) >= 1 / FRAMES_A_SECOND


async def test_no_word_is_lost_between_frames(stream: Stream, record: Record) -> None:
    """The frames together, the screen, and the record are the words, in order."""
    await stream.speak(many(300), gap=0.01)
    await stream.time.pass_by(3.01)
    await stream.finish()
    assert stream.screen.texts == ["".join(many(300))]
    assert await kept(record) == "".join(many(300))


async def test_the_end_does_not_wait_for_a_frame(stream: Stream, record: Record) -> None:
    """The rest of a reply is shown with its end."""
    await stream.speak(["One ", "two ", "three."], gap=0.001)
    await stream.time.pass_by(0.01)
    assert stream.screen.texts == ["One "]
    await stream.finish()
    assert stream.screen.texts == ["One two three."] == [await kept(record)]


async def test_a_reply_that_comes_in_one_piece_is_shown_once(stream: Stream) -> None:
    """Without a frame: it is there with its end."""

    async def at_once() -> AsyncIterator[Event]:
        yield TextDelta("All ")
        yield TextDelta("of it.")

    await stream.reply.begin()
    await stream.reply.stream(at_once())
    await stream.finish()
    assert stream.screen.frames == []
    assert stream.screen.texts == ["All of it."]


async def test_empty_words_are_no_frame(stream: Stream) -> None:
    """Some servers begin with an empty one."""
    await stream.speak(["", "", "Hello.", ""], gap=1)
    await stream.time.pass_by(10)
    assert stream.screen.frames == [2.0]


async def test_the_first_words_are_kept_at_once(stream: Stream, record: Record) -> None:
    """With status streaming, so that a restart knows what was left open."""
    await stream.speak(["Hello ", "there."], gap=60)
    assert await kept(record) == "Hello "
    assert (await rows(record, "steps"))[1]["status"] == "streaming"


async def test_each_second_what_was_shown_is_kept(stream: Stream, record: Record) -> None:
    """A process that is killed loses at most a second of what its participant has read."""
    await stream.speak(many(1000), gap=0.01)
    before = ""
    for _ in range(4):
        shown = "".join(stream.screen.texts)
        await stream.time.pass_by(CHECKPOINT_S)
        held = await kept(record)
        assert len(held) > len(before)
        assert held.startswith(shown)
        assert "".join(stream.screen.texts).startswith(held)
        before = held


async def test_what_was_shown_is_kept_while_the_agent_thinks(stream: Stream, record: Record) -> None:
    """Words between two checkpoints do not wait for the words after them."""
    await stream.speak(["Let me think. ", "Hmm. "], gap=0.5)
    await stream.time.pass_by(0.6)
    assert stream.screen.texts == ["Let me think. Hmm. "]
    await stream.time.pass_by(1)
    assert await kept(record) == "Let me think. Hmm. "


async def test_nothing_new_is_not_kept_again(stream: Stream, record: Record) -> None:
    """An agent that thinks for a minute costs no commits."""
    await stream.speak(["Let me think. "], gap=100)
    await record.writer.flush()
    before = record.writer.health.committed
    await stream.time.pass_by(60)
    assert record.writer.health.committed == before


async def test_a_growing_reply_is_one_revision(stream: Stream, record: Record) -> None:
    """However often it was kept on its way."""
    await stream.speak(many(300), gap=0.01)
    await stream.time.pass_by(3.01)
    await stream.finish()
    reply = (await rows(record, "steps"))[1]
    revisions = await rows(record, "step_revisions", step_id=reply["step_id"])
    assert [(row["revision"], row["output"], row["status"]) for row in revisions] == [
        (1, "".join(many(300)), "complete")
    ]


@pytest.mark.parametrize("status", [Status.COMPLETE, Status.STOPPED, Status.INTERRUPTED, Status.FAILED])
async def test_however_it_ends_the_record_is_the_screen(
    stream: Stream, record: Record, status: Status
) -> None:
    """Field by field, the run among them."""
    await stream.speak(many(50), gap=0.01)
    await stream.time.pass_by(0.3)
    await stream.finish(status)
    reply = (await rows(record, "steps"))[1]
    run = await one(record, "runs")
    assert stream.screen.steps == {reply["step_id"]: step_dict(reply), run["run_id"]: run_dict(run)}
    assert (reply["status"], run["status"]) == (status, status)


async def test_nothing_comes_after_the_end(stream: Stream) -> None:
    """No frame and no checkpoint of a reply that is over."""
    await stream.speak(many(1000), gap=0.01)
    await stream.time.pass_by(1)
    await stream.finish(Status.STOPPED)
    told = len(stream.screen.told)
    await stream.time.pass_by(10)
    assert len(stream.screen.told) == told


async def test_what_a_second_page_gets_is_what_the_first_shows(stream: Stream) -> None:
    """Not the words that no frame has carried yet: those come to both."""
    await stream.speak(many(100), gap=0.01)
    await stream.time.pass_by(0.2)
    assert stream.screen.texts
    assert [row["output"] for row in stream.reply.shown] == stream.screen.texts


async def test_before_the_first_words_a_second_page_gets_none(stream: Stream) -> None:
    """There is no empty message to show it."""
    assert stream.reply.shown == []


async def test_work_is_shown_when_it_begins_and_when_it_ends(stream: Stream, record: Record) -> None:
    """Not with the first words that follow it; and the run's first sign of life is the work."""

    async def work() -> AsyncIterator[Event]:
        await stream.time.sleep(1)
        yield StepStarted("a", "search", input="trees")
        await stream.time.sleep(5)
        yield StepEnded("a", "oak")
        await stream.time.sleep(5)
        yield TextDelta("An oak.")

    await stream.hear(work())
    await stream.time.pass_by(2)
    step = list(stream.screen.steps.values())[-1]
    assert (step["name"], step["input"], step["output"], step["end"]) == ("search", "trees", "", None)
    await stream.time.pass_by(5)
    assert stream.screen.steps[step["id"]]["output"] == "oak"
    await stream.time.pass_by(5)
    await stream.finish()
    assert (await one(record, "runs"))["ttft_ms"] == 1000.0


async def test_the_runs_times_are_to_the_first_sign_and_to_the_end(stream: Stream, record: Record) -> None:
    """In milliseconds of a clock that nobody can set."""

    async def late() -> AsyncIterator[Event]:
        await stream.time.sleep(0.25)
        yield TextDelta("Here ")
        await stream.time.sleep(2)

    await stream.hear(late())
    await stream.time.pass_by(2)
    await stream.finish()
    run = await one(record, "runs")
    assert (run["ttft_ms"], run["latency_ms"]) == (250.0, 2000.0)
