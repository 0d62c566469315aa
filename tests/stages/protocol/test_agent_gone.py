"""A chat whose agent fails again and again is left as the study says."""

from pathlib import Path

import pytest

from data_layer.record import Record
from stages.chat.stage import ChatStage
from stages.spoken import Spoken
from study.errors import AgentUnavailable
from study.loader import load_study
from tests.data_layer.rows import new_id
from tests.fakes import FakeAgent, FakeAgents, FakeScreen
from tests.small_protocol import small_protocol
from tests.stages.protocol.walking import Walker
from tests.stages.talk import words

GONE = AgentUnavailable("gone", error_type="timeout")


@pytest.fixture
async def walker(record: Record, tmp_path: Path) -> Walker:
    """Somebody in the small study: its chat needs two messages, and its agent is gone after two failures."""
    folder = tmp_path / "gone"
    with small_protocol(folder) as told:
        told["protocol"]["stages"][3] |= {"on_failure": "technical_failure", "failures": 2}
        told["protocol"]["endings"]["technical_failure"] = {"text": "texts/too-late.md", "code": "CT7E1K5S"}
    return Walker(record, load_study(folder), await record.enter("Ada", "ada"))


async def fail(walker: Walker, *replies: object) -> None:
    """Say one thing, and try again for each further reply."""
    present = await walker.walk_to("talk")
    agent = FakeAgent(*([one] if isinstance(one, Exception) else words("Yes") for one in replies))
    chat = ChatStage(walker.record, FakeAgents(agent), message_length=1_000)
    spoken = Spoken(present.shown["thread_id"], walker.participant_id, new_id(), "Hello")
    await chat.hear(spoken, FakeScreen())
    for _ in replies[1:]:
        await chat.retry(spoken, FakeScreen())
    await walker.record.writer.flush()


async def test_a_gone_agent_opens_the_way_to_its_ending(walker: Walker) -> None:
    """Nothing lacks any more, and who goes on ends as the study says, with the code."""
    await fail(walker, GONE, GONE)
    shown = (await walker.look()).shown
    assert (shown["agent_gone"], shown["turns_lacking"]) == (True, 0)
    present = await walker.send()
    assert present.ending is not None
    assert (present.position.ending, present.ending.code) == ("technical_failure", "CT7E1K5S")
    assert (await walker.row())["why_not"] == "ended as technical_failure"


@pytest.mark.parametrize("replies", [(GONE,), (GONE, GONE, "answered"), (GONE, "answered", GONE)])
async def test_an_agent_that_may_come_back_is_waited_for(walker: Walker, replies: tuple[object, ...]) -> None:
    """Fewer failures than the study says, or one that was answered since, leave the chat as it is."""
    await fail(walker, *replies)
    shown = (await walker.look()).shown
    assert (shown["agent_gone"], shown["turns_lacking"]) == (False, 1)
    assert (await walker.send()).position.stage == "talk"


async def test_who_has_said_enough_passes_all_the_same(walker: Walker) -> None:
    """Whoever has reached the least goes on to the next stage, whatever the agent does."""
    await fail(walker, GONE, GONE)
    await walker.say(await walker.look(), 1)
    assert (await walker.send()).position.stage == "after"
