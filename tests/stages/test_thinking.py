"""A model's thinking: kept as a step of its own, shown where the study says so, never part of the reply."""

import asyncio
import json
from typing import Final

import pytest

from agent.events import CallEnded, CallStarted, Event, TextDelta, ThinkingDelta
from data_layer.chainlit.shapes import thread_dict
from data_layer.conversations.paging import read_window
from data_layer.conversations.threads import thread_row
from data_layer.record import Record
from data_layer.search.participant_search import search_own_threads
from stages.chat import growing
from stages.chat.beside import Beside
from stages.chat.growing import CHECKPOINT_S
from stages.chat.reply import Reply
from stages.chat.stage import ChatStage
from stages.transcript.entries import entries_of
from study.vocabulary import Status
from tests.data_layer.rows import ADA, begin_thread, one, rows
from tests.fakes import FakeAgent, FakeAgents, FakeScreen, FakeTime, settle
from tests.stages.talk import LIMIT, Talk, same_after_reload, until, words

SECRET: Final = "zebra"  # stands in thinking alone
CALLED: Final = CallStarted("fake", "m", [{"role": "user", "content": "x"}])


def thoughts(*texts: str) -> list[Event]:
    """A script that thinks, piece by piece."""
    return [ThinkingDelta(text) for text in texts]


@pytest.fixture
def open_talk(record: Record, agent: FakeAgent) -> Talk:
    """ADA with an agent whose thinking the study shows."""
    shows = Beside(thinking_of=frozenset({agent.name}))
    return Talk(ChatStage(record, FakeAgents(agent), message_length=LIMIT, beside=shows), record, ADA)


async def test_a_stretch_is_a_step_before_its_words(open_talk: Talk, agent: FakeAgent) -> None:
    """Thinking, words, thinking, words: two steps and one reply, in the order in which they came."""
    script = [*thoughts("Hm, ", "a zebra."), *words("It is "), *thoughts("Or not?"), *words("striped.")]
    agent.enqueue(CALLED, *script, CallEnded(finish_reason="stop"))
    await open_talk.say("What is it?")
    kept = [(row["type"], row["name"], row["output"], row["status"]) for row in await open_talk.steps()][1:]
    assert sorted(kept) == [
        ("assistant_message", "Agent", "It is striped.", "complete"),
        ("thinking", "thinking", "Hm, a zebra.", "complete"),
        ("thinking", "thinking", "Or not?", "complete"),
    ]
    steps = await rows(open_talk.record, "steps", type="thinking")
    assert all(row["shown"] and row["ended_at"] and row["run_id"] for row in steps)
    assert [step["output"] for step in open_talk.screen.steps.values() if step["type"] == "thinking"] == [
        "Hm, a zebra.",
        "Or not?",
    ]
    await same_after_reload(open_talk)


async def test_it_is_not_shown_unless_the_study_says_so(talk: Talk, agent: FakeAgent) -> None:
    """Not while it comes, not at its end, not to a page that comes later; it is kept all the same."""
    gate = asyncio.Event()
    agent.enqueue(*thoughts(f"A {SECRET}, "), gate, *thoughts("I think."), *words("Hello."))
    task = talk.begin("Hi")
    await until(lambda: agent.asked)
    await settle()
    assert talk.stage.running(talk.thread_id).shown == []  # type: ignore[union-attr]
    gate.set()
    await task
    assert SECRET not in repr(talk.screen.told)
    assert SECRET not in repr(await talk.reloaded())
    window = await read_window(talk.record.database, talk.thread_id)
    assert window is not None
    assert SECRET not in json.dumps(thread_dict(window), default=str) + repr(entries_of(window))
    (step,) = await rows(talk.record, "steps", type="thinking")
    assert (step["output"], step["shown"], step["status"]) == (f"A {SECRET}, I think.", False, "complete")
    assert (await talk.runs())[0]["ttft_ms"] is not None


@pytest.mark.parametrize("what", ["edit", "again", "walk"])
async def test_it_stays_away_from_the_screen_through_edits_and_walks(
    talk: Talk, agent: FakeAgent, what: str
) -> None:
    """What leaves the screen and comes back brings no step along that never stood there, nor its id."""
    for _ in range(2):
        agent.enqueue(*thoughts(SECRET), *words("Hello."))
    message_id = await talk.say("Hi")
    if what == "edit":
        await talk.edit(message_id, "Hi!")
    else:
        await talk.again(message_id)
    if what == "walk":
        reply = next(row for row in reversed(await talk.steps()) if row["type"] == "assistant_message")
        await talk.walk(reply["step_id"], 1)
    told = repr(talk.screen.told)
    hidden = await rows(talk.record, "steps", type="thinking")
    assert len(hidden) == 2
    assert SECRET not in told
    assert not [row["step_id"] for row in hidden if row["step_id"] in told]


async def test_it_is_in_no_history_title_preview_search_or_count(open_talk: Talk, agent: FakeAgent) -> None:
    """Shown or not, it was not said."""
    agent.enqueue(*thoughts(SECRET), *words("Hello."))
    agent.enqueue(*words("Well."))
    await open_talk.say("Hi")
    await open_talk.say("And?")
    assert [turn.content for turn in agent.asked[1]] == ["Hi", "Hello.", "And?"]
    thread = await thread_row(open_talk.record.database, open_talk.thread_id)
    assert thread is not None
    assert (thread["message_count"], thread["turn_count"]) == (4, 2)
    assert SECRET not in repr(thread)
    assert (await search_own_threads(open_talk.record.database, ADA, SECRET)).hits == []
    assert (await search_own_threads(open_talk.record.database, ADA, "Hello")).hits


async def test_thinking_alone_is_an_empty_answer(open_talk: Talk, agent: FakeAgent) -> None:
    """As when it has used up all tokens: its step is complete, the run failed."""
    agent.enqueue(CALLED, *thoughts("Hm."), CallEnded(finish_reason="length"))
    await open_talk.say("Hi")
    assert [(run["status"], run["error_type"]) for run in await open_talk.runs()] == [
        ("failed", "empty_answer")
    ]
    (step,) = await rows(open_talk.record, "steps", type="thinking")
    assert step["status"] == "complete"
    assert len(open_talk.screen.retries) == 1


async def test_blank_thinking_is_no_step(open_talk: Talk, agent: FakeAgent) -> None:
    """Models that may think and do not send an empty pair of tags."""
    agent.enqueue(*thoughts("\n", "\n"), *words("Hello."))
    await open_talk.say("Hi")
    assert await open_talk.living() == ["Hi", "Hello."]


@pytest.mark.parametrize("shown", [True, False])
async def test_a_stop_in_the_middle_of_it(
    record: Record, agent: FakeAgent, monkeypatch: pytest.MonkeyPatch, shown: bool
) -> None:
    """What was shown of it stays, as stopped; what is not shown is kept as it came. No bubble, no notice."""
    monkeypatch.setattr(
        growing, "FRAMES_A_SECOND", 0.01
    )  # However slow the machine, the next comes too late.
    beside = Beside(thinking_of=frozenset({agent.name} if shown else ()))
    talk = Talk(ChatStage(record, FakeAgents(agent), message_length=LIMIT, beside=beside), record, ADA)
    agent.enqueue(*thoughts("Hm, a "), gate := asyncio.Event(), *thoughts("zebra"), asyncio.Event())
    task = talk.begin("Hi")
    await until(lambda: agent.asked)
    await settle()
    gate.set()  # What comes now waits for its frame.
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    talk.stop()
    await task
    (step,) = await rows(record, "steps", type="thinking")
    kept = "Hm, a " if shown else "Hm, a zebra"
    assert (step["output"], step["status"], step["shown"]) == (kept, "stopped", shown)
    assert (talk.screen.texts, talk.screen.retries) == ([], [])
    if shown:
        await same_after_reload(talk)


@pytest.mark.parametrize("shown", [True, False])
async def test_it_is_kept_once_a_second_while_it_grows(record: Record, shown: bool) -> None:
    """A server that dies takes at most a second of it along; a page that comes meanwhile sees what stands."""
    message = await one(record, "steps", thread_id=await begin_thread(record))
    run = {"run_id": "0d0e6c1e-8d0f-4a3b-9f6e-5b7a0c9d1e2f", "thread_id": message["thread_id"]}
    run |= {"message_id": message["step_id"], "seq": record.take_order(), "name": "on_message", "agent": "A"}
    run |= {"connection_id": None, "turn": 1, "status": "streaming", "started_at": record.now()}
    time, screen = FakeTime(), FakeScreen()
    beside = Beside(thinking_of=frozenset({"A"} if shown else ()))
    reply = Reply(record, screen, run, lambda *_: None, beside, monotonic=time.monotonic, sleep=time.sleep)

    async def thinking() -> None:
        for number in range(100):
            await reply._take(ThinkingDelta(f"t{number} "))
            await time.sleep(0.1)

    task = asyncio.create_task(thinking())
    await time.pass_by(0.05)
    for second in range(1, 4):
        await time.pass_by(CHECKPOINT_S)
        await record.writer.flush()
        (step,) = await rows(record, "steps", type="thinking")
        assert step["status"] == "streaming"
        assert len(step["output"].split()) >= 10 * second - 1
        assert [row["output"] for row in reply.shown] == [
            step["output"] for step in screen.steps.values() if step["type"] == "thinking"
        ]
        assert bool(reply.shown) is shown
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await reply.finish(Status.INTERRUPTED)
    (step,) = await rows(record, "steps", type="thinking")
    assert step["status"] == "interrupted"


async def test_words_do_not_wait_for_the_end_of_thinking(open_talk: Talk, agent: FakeAgent) -> None:
    """The first word after it comes at once, though a frame of the thinking has just gone out."""
    agent.enqueue(*thoughts("Hm"), TextDelta("Hello"), hold := asyncio.Event(), TextDelta("."))
    task = open_talk.begin("Hi")
    await until(lambda: open_talk.screen.texts)
    ended = [step["end"] for step in open_talk.screen.steps.values() if step["type"] == "thinking"]
    assert ended
    assert all(ended)
    hold.set()
    await task
