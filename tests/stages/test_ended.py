"""A study that has ended: nothing new is said, what was begun is finished."""

import asyncio

from study.vocabulary import StudyState
from tests.fakes import FakeAgent, english
from tests.stages.talk import Talk, until, words

ENDED = english("closing.ended")


async def end(talk: Talk) -> None:
    """A researcher ends the study."""
    await talk.record.controls.change(StudyState.ENDED, None, "Olga")


async def test_nothing_is_written_any_more(talk: Talk, agent: FakeAgent) -> None:
    """Neither a message, nor a new wording, nor another answer; each is told so."""
    agent.enqueue(*words("One."))
    first = await talk.say("First")
    before = await talk.living()
    await end(talk)
    await talk.say("Second")
    await talk.edit(first, "Otherwise")
    await talk.retry(first)
    await talk.again(first)
    assert await talk.living() == before == ["First", "One."]
    assert talk.screen.texts == ["One."]
    assert talk.screen.said == [ENDED] * 4
    assert len(agent.asked) == 1


async def test_a_reply_that_is_being_given_is_finished(talk: Talk, agent: FakeAgent) -> None:
    """Its turn began before."""
    agent.enqueue(*words("One, "), hold := asyncio.Event(), *words("two."))
    turn = talk.begin("First")
    await until(lambda: talk.screen.texts == ["One, "])
    await end(talk)
    hold.set()
    await turn
    assert await talk.living() == ["First", "One, two."]
    assert [run["status"] for run in await talk.runs()] == ["complete"]


async def test_a_paused_study_goes_on_for_who_is_in(talk: Talk, agent: FakeAgent) -> None:
    """Pausing is about newcomers."""
    await talk.record.controls.change(StudyState.PAUSED, None, "Olga")
    agent.enqueue(*words("One."))
    await talk.say("First")
    assert await talk.living() == ["First", "One."]
