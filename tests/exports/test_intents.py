"""Intents in an export: what was wanted, how it moved, and what belongs to it; through edits too."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent.events import IntentBegan, IntentEnded, IntentUpdated, TextDelta
from data_layer.record import Record
from exports import load
from stages.chat.stage import ChatStage
from tests.exports.conftest import export_to
from tests.exports.proving import verify_export
from tests.fakes import FakeAgent, FakeAgents, HandClock
from tests.stages.talk import LIMIT, Talk


@pytest.fixture
async def talk(record: Record, clock: HandClock) -> AsyncIterator[Talk]:
    """A participant who orders, says the second message otherwise, and is done then."""
    clock.moment = datetime.now(UTC)  # a snapshot's time is the real one
    agent = FakeAgent(
        [IntentBegan("order", "Order", 0.9), IntentUpdated({"drink": "latte"}), TextDelta("Which size?")],
        [IntentUpdated({"drink": "latte", "size": "small"}), TextDelta("Is that all?")],
        [IntentUpdated({"drink": "latte", "size": "large"}), TextDelta("Is that all?")],
        [IntentEnded("completed", "tool"), TextDelta("It is on its way.")],
    )
    agent.keeps_intents = True
    stage = ChatStage(record, FakeAgents(agent), message_length=LIMIT)
    talk = Talk(stage, record, (await record.enter("Ada", "ada")).participant_id)
    await talk.say("A latte")
    second = await talk.say("Small")
    await talk.edit(second, "Large")
    await talk.say("Yes")
    yield talk
    await stage.close()


async def test_what_stands_is_exported_with_its_turns(talk: Talk, record: Record, out: Path) -> None:
    """One row an intent, one a move; messages and runs name theirs; what left the screen is left out."""
    await asyncio.to_thread(export_to, record.database.url, out)
    tables = load(out)
    (order,) = tables["intents"].to_dict("records")
    assert (order["name"], order["state"], order["cause"], order["turns"]) == (
        "order",
        "completed",
        "tool",
        3,
    )
    assert json.loads(order["parameters"]) == {"drink": "latte", "size": "large"}
    assert order["duration_ms"] > 0
    moves = tables["intent_moves"]
    assert list(moves["move"]) == ["began", "updated", "updated", "completed"]
    for table in ("messages", "runs"):
        assert set(tables[table]["intent_id"]) == {order["intent_id"]}


async def test_what_left_the_screen_is_there_when_asked_for(talk: Talk, record: Record, out: Path) -> None:
    """The moves of the wording that was given up bear its branch."""
    await asyncio.to_thread(export_to, record.database.url, out, include_deleted=True)
    moves = load(out)["intent_moves"]
    left = moves[moves["branch"].notna()]
    assert [json.loads(known) for known in left["parameters"]] == [{"drink": "latte", "size": "small"}]
    assert len(moves) == 5


@pytest.mark.parametrize("include_deleted", [False, True])
async def test_an_export_is_proved_before_and_after_a_walk(
    talk: Talk, record: Record, out: Path, include_deleted: bool
) -> None:
    """Every id joins and every row agrees, and what a walk changes since is no alarm."""
    url = record.database.url
    await asyncio.to_thread(export_to, url, out, include_deleted=include_deleted)
    assert await asyncio.to_thread(verify_export, out, url) == []
    spoken = [row for row in await talk.steps() if row["output"] == "Large"]
    await talk.walk(spoken[0]["step_id"], 1)
    await record.writer.flush()
    found = await asyncio.to_thread(verify_export, out, url)
    assert [one for one in found if one.wrong] == []
