"""A reply that is stopped, breaks, or ends with its server: what was shown is kept, and nothing else."""

import asyncio

import pytest

from agent.events import CallStarted, StepStarted
from data_layer.database.rows import Row
from data_layer.record import Record
from stages.chat import growing
from stages.chat.notices import interrupted
from stages.chat.stage import ChatStage
from study.errors import AgentUnavailable
from tests.data_layer.outages import Outage
from tests.data_layer.rows import new_id, rows
from tests.fakes import FakeAgent, FakeAgents, FakeScreen, english, settle
from tests.stages.talk import LIMIT, Talk, until, words


class LateScreen(FakeScreen):
    """A page that is slow to hear of a reply's end."""

    def __init__(self) -> None:
        super().__init__()
        self.asked_for_the_end = asyncio.Event()
        self.may_go_on = asyncio.Event()

    async def show_run(self, run: Row) -> None:
        """Show a run; of one that has ended, when it may."""
        if run["status"] != "streaming":
            self.asked_for_the_end.set()
            await self.may_go_on.wait()
        await super().show_run(run)


async def test_stop_keeps_the_part_that_was_shown(talk: Talk, agent: FakeAgent) -> None:
    """With status stopped; the record holds what the screen holds, and no message about it."""
    agent.enqueue(*words("Half an "), asyncio.Event(), *words("answer."))
    task = talk.begin("Hello")
    await until(lambda: talk.screen.texts)
    assert talk.stop()
    await task
    assert [(row["output"], row["status"]) for row in await talk.steps()] == [
        ("Hello", "complete"),
        ("Half an ", "stopped"),
    ]
    assert [run["status"] for run in await talk.runs()] == ["stopped"]
    assert talk.screen.texts == ["Half an "]
    assert talk.screen.said == []


async def test_stop_lets_the_agent_go(talk: Talk, agent: FakeAgent) -> None:
    """Its connection to a model is closed at once, not when somebody collects it."""
    agent.enqueue(*words("Half"), asyncio.Event())
    task = talk.begin("Hello")
    await until(lambda: talk.screen.texts)
    talk.stop()
    await task
    assert agent.closed_early == 1


async def test_what_was_on_its_way_at_a_stop_was_not_said(
    talk: Talk, agent: FakeAgent, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Words that no frame has shown yet are in neither the screen nor the record."""
    # However slow the machine, the stop comes before the second frame.
    monkeypatch.setattr(growing, "FRAMES_A_SECOND", 0.01)
    agent.enqueue(*words("Shown"), gate := asyncio.Event(), *words(" and not shown"), asyncio.Event())
    task = talk.begin("Hello")
    await until(lambda: talk.screen.texts)
    gate.set()
    await asyncio.sleep(0)
    talk.stop()
    await task
    assert await talk.living() == ["Hello", *talk.screen.texts] == ["Hello", "Shown"]


async def test_stop_before_the_first_word(talk: Talk, agent: FakeAgent) -> None:
    """There is a stopped run and no empty message."""
    agent.enqueue(asyncio.Event())
    task = talk.begin("Hello")
    await until(lambda: agent.asked)
    assert talk.stop()
    await task
    assert await talk.living() == ["Hello"]
    assert [(run["status"], run["ttft_ms"]) for run in await talk.runs()] == [("stopped", None)]


async def test_stop_after_the_end(talk: Talk, agent: FakeAgent) -> None:
    """It comes too late, says so, and changes nothing."""
    agent.enqueue(*words("Done."))
    await talk.say("Hello")
    assert not talk.stop()
    assert [row["status"] for row in await talk.steps()] == ["complete", "complete"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_stop_while_the_end_is_being_committed(
    talk: Talk, agent: FakeAgent, outage: Outage, record: Record
) -> None:
    """The words are all there and their commit waits: Stop comes too late, the turn ends whole."""
    agent.enqueue(*words("All of it."), gate := asyncio.Event())
    task = talk.begin("Hello")
    await until(lambda: talk.screen.texts)
    await record.writer.flush()
    outage.begin()
    gate.set()
    await settle()
    assert not talk.stop()
    outage.end()
    await task
    assert [(row["output"], row["status"]) for row in await talk.steps()] == [
        ("Hello", "complete"),
        ("All of it.", "complete"),
    ]


async def test_stop_while_the_end_is_being_shown(talk: Talk, agent: FakeAgent) -> None:
    """It is committed and a slow page has not heard yet: Stop says too late, and the next turn begins."""
    screen = talk.screen = LateScreen()
    agent.enqueue(*words("All of it."))
    agent.enqueue(*words("And more."))
    task = talk.begin("Hello")
    await screen.asked_for_the_end.wait()
    assert not talk.stop()
    screen.may_go_on.set()
    await task
    await talk.say("Go on")
    assert [(row["output"], row["status"]) for row in await talk.steps()] == [
        (text, "complete") for text in ("Hello", "All of it.", "Go on", "And more.")
    ]


async def test_an_end_is_shown_whoever_gave_up_on_it(talk: Talk, agent: FakeAgent) -> None:
    """The task that gave the reply is cancelled while a slow page hears of the end: it hears of it."""
    screen = talk.screen = LateScreen()
    agent.enqueue(*words("All of it."))
    task = talk.begin("Hello")
    await screen.asked_for_the_end.wait()
    shown = screen.count("show_run")
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    screen.may_go_on.set()
    await until(lambda: screen.count("show_run") > shown)
    assert [run["status"] for run in await talk.runs()] == ["complete"]


async def test_stop_twice(talk: Talk, agent: FakeAgent) -> None:
    """An impatient participant stops once."""
    agent.enqueue(*words("Half"), asyncio.Event())
    task = talk.begin("Hello")
    await until(lambda: talk.screen.texts)
    talk.stop()
    talk.stop()
    await task
    assert [row["status"] for row in await talk.steps()] == ["complete", "stopped"]


async def test_stop_ends_visible_work_too(talk: Talk, agent: FakeAgent) -> None:
    """A tool that was at work is stopped, on the screen and in the record."""
    agent.enqueue(StepStarted("a", "search", input="trees"), asyncio.Event())
    task = talk.begin("Find trees")
    await until(lambda: talk.screen.count("show"))
    talk.stop()
    await task
    tool = (await talk.steps())[1]
    assert (tool["status"], tool["is_error"]) == ("stopped", False)
    assert tool["ended_at"] is not None
    assert talk.screen.steps[tool["step_id"]]["end"] is not None


async def test_stop_in_one_thread_leaves_another_alone(talk: Talk, agent: FakeAgent) -> None:
    """Threads know nothing of each other."""
    agent.enqueue(*words("A"), asyncio.Event())
    agent.enqueue(*words("B"), hold := asyncio.Event())
    first = talk.begin("Hello")
    await until(lambda: talk.screen.texts)
    other = Talk(talk.stage, talk.record)
    second = other.begin("Hello")
    await until(lambda: other.screen.texts)
    talk.stop()
    hold.set()
    await asyncio.gather(first, second)
    assert [row["status"] for row in await other.steps()] == ["complete", "complete"]


async def test_one_goes_on_after_a_stop(talk: Talk, agent: FakeAgent) -> None:
    """The next message is answered, with the stopped part in the history: it was read."""
    agent.enqueue(*words("Half"), asyncio.Event())
    agent.enqueue(*words("Whole."))
    task = talk.begin("First")
    await until(lambda: talk.screen.texts)
    talk.stop()
    await task
    await talk.say("Second")
    assert [turn.content for turn in agent.asked[1]] == ["First", "Half", "Second"]


async def test_a_stopped_message_is_not_answered_again(talk: Talk, agent: FakeAgent) -> None:
    """Its participant did not want more; a second copy of it changes nothing."""
    agent.enqueue(*words("Half"), asyncio.Event())
    task = talk.begin("Hello", message_id := new_id())
    await until(lambda: talk.screen.texts)
    talk.stop()
    await task
    await talk.say("Hello", message_id)
    assert await talk.living() == ["Hello", "Half"]


FAILURES = [
    (AgentUnavailable("rate limit", error_type="rate_limit_exceeded"), "rate_limit_exceeded"),
    (RuntimeError("broken inside"), "RuntimeError"),
    (ExceptionGroup("several", [ValueError("one")]), "ExceptionGroup"),
]


@pytest.mark.parametrize(("failure", "named"), FAILURES, ids=lambda value: type(value).__name__)
async def test_a_failure_is_a_sentence_and_a_retry(
    talk: Talk, agent: FakeAgent, failure: Exception, named: str
) -> None:
    """Whatever it was: the reason is in the run, and no participant reads it."""
    agent.enqueue(failure)
    message_id = await talk.say("Hello")
    assert talk.screen.texts == [english("chat.agent_failed")]
    assert [message for _, message in talk.screen.retries] == [message_id]
    run = (await talk.runs())[0]
    assert (run["status"], run["error_type"]) == ("failed", named)
    assert str(failure) in run["error_message"]
    assert str(failure) not in str(talk.screen.told)


async def test_what_was_shown_before_a_failure_stays(talk: Talk, agent: FakeAgent) -> None:
    """Marked as failed, with the notice behind it: as it stood, so it is kept."""
    agent.enqueue(*words("Half an "), gate := asyncio.Event(), RuntimeError("broken"))
    task = talk.begin("Hello")
    await until(lambda: talk.screen.texts)
    gate.set()
    await task
    kept = [(row["type"], row["output"], row["status"]) for row in await talk.steps()]
    assert kept[1:] == [
        ("assistant_message", "Half an ", "failed"),
        ("system_message", english("chat.agent_failed"), "complete"),
    ]
    assert talk.screen.texts == ["Half an ", english("chat.agent_failed")]


async def test_a_failure_ends_its_call(talk: Talk, agent: FakeAgent) -> None:
    """An agent that forgets to say how its call ended leaves no call open."""
    agent.enqueue(CallStarted("fake", "m", [{"role": "user", "content": "x"}]), RuntimeError("broken"))
    await talk.say("Hello")
    call = (await rows(talk.record, "llm_calls"))[0]
    assert call["status"] == "failed"
    assert call["ended_at"] is not None


async def test_a_failure_leaves_the_thread_usable(talk: Talk, agent: FakeAgent) -> None:
    """The next message is heard."""
    agent.enqueue(RuntimeError("broken"))
    agent.enqueue(*words("Here I am."))
    await talk.say("First")
    await talk.say("Second")
    assert talk.screen.texts == [english("chat.agent_failed"), "Here I am."]


async def test_a_closing_server_interrupts(talk: Talk, agent: FakeAgent) -> None:
    """Nobody pressed Stop: the part that was shown is kept as interrupted."""
    agent.enqueue(*words("Half"), asyncio.Event())
    task = talk.begin("Hello")
    await until(lambda: talk.screen.texts)
    await talk.stage.close()
    await task
    assert [row["status"] for row in await talk.steps()] == ["complete", "interrupted"]
    assert [run["status"] for run in await talk.runs()] == ["interrupted"]


async def test_a_closing_server_begins_no_reply(talk: Talk, agent: FakeAgent) -> None:
    """A message that waited for its turn is kept without an answer, and can be tried again."""
    agent.enqueue(*words("Half"), asyncio.Event())
    first = talk.begin("First")
    await until(lambda: talk.screen.texts)
    second = talk.begin("Second", message_id := new_id())
    await talk.until_living("First", "Half", "Second")
    await talk.stage.close()
    await asyncio.gather(first, second)
    assert len(agent.asked) == 1
    left = await talk.stage.unanswered(talk.thread_id)
    assert left is not None
    assert left[0]["step_id"] == message_id


async def test_an_interrupted_message_is_offered_again_once(record: Record) -> None:
    """A reload says so under the message; the second reload finds the sentence there."""
    agent = FakeAgent([*words("Half"), asyncio.Event()])
    stage = ChatStage(record, FakeAgents(agent), message_length=LIMIT)
    talk = Talk(stage, record)
    task = talk.begin("Hello", message_id := new_id())
    await until(lambda: talk.screen.texts)
    await stage.close()
    await task
    left = await stage.unanswered(talk.thread_id)
    assert left is not None
    assert (left[0]["step_id"], left[1]) == (message_id, None)
    said = await interrupted(record, left[0], talk.screen)
    again = await stage.unanswered(talk.thread_id)
    assert again is not None
    assert again[1] == said["step_id"]
    assert talk.screen.retries == [(said["step_id"], message_id)]


async def test_a_message_without_a_run_is_offered_at_every_reload(talk: Talk) -> None:
    """A server that died before the run began leaves only the message: each page has a Retry for it."""
    spoken = talk.spoken("Hello")
    await talk.record.writer.submit(*spoken.writes(talk.record.now()))
    left = await talk.stage.unanswered(talk.thread_id)
    assert left is not None
    said = await interrupted(talk.record, left[0], talk.screen)
    again = await talk.stage.unanswered(talk.thread_id)
    assert again is not None
    assert (again[0]["step_id"], again[1]) == (spoken.message_id, said["step_id"])


async def test_a_message_that_was_too_long_waits_for_no_answer(talk: Talk) -> None:
    """Its notice stands under it, and no Retry: another try would change nothing."""
    await talk.say("x" * (LIMIT + 1))
    assert await talk.stage.unanswered(talk.thread_id) is None
