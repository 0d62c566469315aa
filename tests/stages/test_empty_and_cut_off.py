"""A reply that is none, and one that breaks off: the participant is told, and the record says as much."""

import asyncio
from typing import Final

import pytest

from agent.events import CallEnded, CallStarted, Event, StepEnded, StepStarted
from agent.finish_reasons import cut_off_of
from data_layer.record import Record
from data_layer.writing.writes import PutStep
from stages.chat.beside import Beside
from stages.chat.stage import ChatStage
from study.vocabulary import CutOff
from tests.data_layer.rows import ADA, new_id
from tests.fakes import FakeAgent, FakeAgents, english
from tests.stages.talk import LIMIT, Talk, same_after_reload, until, words

# Nothing of them can be seen: white space, a zero-width space and a joiner, a soft hyphen, a Braille blank.
BLANKS: Final = ("", " ", " \n\t\r\n", "\u00a0\u3000", "\u200b\u200d\ufeff", "\u00ad", "\u2800\u3164")
TOOL: Final[list[Event]] = [StepStarted("a", "search", input="{}"), StepEnded("a", "found")]


@pytest.mark.parametrize("script", [[], words(*BLANKS), TOOL, [*TOOL, *words("\n\n")]], ids=range(4))
async def test_an_empty_answer_is_a_sentence_and_a_retry(
    talk: Talk, agent: FakeAgent, script: list[Event]
) -> None:
    """Nothing, blanks or a tool alone: no bubble, a failed run of its own error type, a Retry that works."""
    agent.enqueue(*script)
    agent.enqueue(*words("Here I am."))
    message_id = await talk.say("Hello")
    sentence = english("chat.empty_answer")
    assert talk.screen.texts == [sentence]
    assert talk.screen.count("begin") == 0
    assert [message for _, message in talk.screen.retries] == [message_id]
    kept = [row["output"] for row in await talk.steps() if row["type"] != "tool"]
    assert kept == ["Hello", sentence]
    assert [(run["status"], run["error_type"]) for run in await talk.runs()] == [("failed", "empty_answer")]
    await same_after_reload(talk)
    await talk.retry(message_id)
    assert await talk.living() == ["Hello", "Here I am."]


async def test_a_reply_begins_with_the_first_thing_that_can_be_seen(talk: Talk, agent: FakeAgent) -> None:
    """No empty bubble stands while blanks come; all of them are in the text when a word has come."""
    agent.enqueue(*words("\n", "\u200b "), gate := asyncio.Event(), *words("Hello."))
    task = talk.begin("Hi")
    await until(lambda: agent.asked)
    for _ in range(20):
        await asyncio.sleep(0)
    assert talk.screen.texts == []
    assert talk.stage.running(talk.thread_id).shown == []  # type: ignore[union-attr]
    gate.set()
    await task
    assert talk.screen.texts == ["\n\u200b Hello."]
    assert await talk.living() == ["Hi", "\n\u200b Hello."]


async def test_stop_while_only_blanks_have_come(talk: Talk, agent: FakeAgent) -> None:
    """A stop is a stop: no bubble, no sentence, no Retry, and nothing of it in the history."""
    agent.enqueue(*words("\n\n"), hold := asyncio.Event())
    agent.enqueue(*words("Well."))
    task = talk.begin("First")
    await until(lambda: agent.asked)
    talk.stop()
    hold.set()
    await task
    assert (talk.screen.texts, talk.screen.retries) == ([], [])
    assert [run["status"] for run in await talk.runs()] == ["stopped"]
    await talk.say("Second")
    assert [turn.content for turn in agent.asked[1]] == ["First", "Second"]


async def test_nothing_blank_goes_into_the_history(talk: Talk, agent: FakeAgent, record: Record) -> None:
    """A blank reply that an older version has kept is not sent on, and no page draws its empty bubble."""
    agent.enqueue(*words("One."))
    agent.enqueue(*words("Two."))
    await talk.say("First")
    blank = {"step_id": new_id(), "thread_id": talk.thread_id, "type": "assistant_message", "output": " \n"}
    await record.writer.submit(PutStep(blank | {"turn": 1, "name": "Agent"}, record.now()))
    await talk.say("Second")
    assert [turn.content for turn in agent.asked[1]] == ["First", "One.", "Second"]
    assert blank["step_id"] not in await talk.reloaded()


def ends_with(finish_reason: str | None, *texts: str) -> list[Event]:
    """A script that asks a model, which ends so."""
    asked = CallStarted("fake", "m", [{"role": "user", "content": "x"}])
    return [asked, *words(*texts), CallEnded(finish_reason=finish_reason)]


@pytest.mark.parametrize(("word", "said"), [("length", "length"), ("SAFETY", "content_filter")])
async def test_a_reply_that_was_cut_off_says_so(talk: Talk, agent: FakeAgent, word: str, said: str) -> None:
    """It is complete; what stands under it goes to the page and stays in its row, through a reload."""
    agent.enqueue(*ends_with(word, "Once upon a"))
    await talk.say("Tell me.")
    reply = (await talk.steps())[-1]
    assert (reply["status"], reply["cut_off"]) == ("complete", said)
    assert talk.screen.steps[reply["step_id"]]["metadata"] == {"cut_off": said}
    await same_after_reload(talk)


async def test_a_whole_reply_says_nothing_of_the_kind(talk: Talk, agent: FakeAgent) -> None:
    """`stop`, and words that nobody knows; and what was stopped says so by its status alone."""
    for word in ("stop", None, "STOP", "end_turn", "eos"):
        agent.enqueue(*ends_with(word, "All of it."))
        await talk.say("Tell me.")
    agent.enqueue(*ends_with("length", "Half"), asyncio.Event())
    task = talk.begin("Tell me.")
    await until(lambda: talk.screen.texts[-1:] == ["Half"])
    talk.stop()
    await task
    assert [row["cut_off"] for row in await talk.steps()] == [None] * 12


async def test_a_study_may_say_nothing_of_it(record: Record, agent: FakeAgent) -> None:
    """Then the page does not, and the row does not claim that it did."""
    stage = ChatStage(record, FakeAgents(agent), message_length=LIMIT, beside=Beside(cut_off=False))
    talk = Talk(stage, record, ADA)
    agent.enqueue(*ends_with("length", "Once upon a"))
    await talk.say("Tell me.")
    reply = (await talk.steps())[-1]
    assert (reply["cut_off"], talk.screen.steps[reply["step_id"]]["metadata"]) == (None, {})


def test_providers_have_many_words_for_it() -> None:
    """In any writing; `tool_calls`, `error` and what is unknown are none of them."""
    length = ("length", "max_tokens", "MAX_TOKENS", "max-tokens", "MaxTokens", "model_length")
    filtered = ("content_filter", "SAFETY", "FINISH_REASON_SAFETY", "content-filter", "refusal", "RECITATION")
    assert {cut_off_of(word) for word in length} == {CutOff.LENGTH}
    assert {cut_off_of(word) for word in filtered} == {CutOff.CONTENT_FILTER}
    assert {cut_off_of(word) for word in ("stop", "tool_calls", "error", "", "?", None)} == {None}
