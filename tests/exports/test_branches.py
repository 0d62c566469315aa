"""Branches in an export: the tree of a conversation can be read from it, and no walk makes it wrong."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from data_layer.record import Record
from exports import load
from stages.chat.stage import ChatStage
from tests.exports.conftest import export_to
from tests.exports.proving import verify_export
from tests.fakes import FakeAgent, FakeAgents, HandClock
from tests.stages.talk import LIMIT, Talk, words


@pytest.fixture
async def talk(record: Record, clock: HandClock) -> AsyncIterator[Talk]:
    """A participant whose replies are One., Two., Three. and so on."""
    clock.moment = datetime.now(UTC)  # a snapshot's time is the real one
    numbers = ("One.", "Two.", "Three.", "Four.", "Five.")
    stage = ChatStage(record, FakeAgents(FakeAgent(*(words(one) for one in numbers))), message_length=LIMIT)
    participant = await record.enter("Ada", "ada")
    yield Talk(stage, record, participant.participant_id)
    await stage.close()


async def walked(talk: Talk) -> str:
    """A -> One. -> B -> Two.; B again -> Three. -> C -> Four.; back to Two.; A said as Z -> Five.

    Returns:
        The first message's id.
    """
    first, second = await talk.say("A"), await talk.say("B")
    await talk.again(second)
    await talk.say("C")
    steps = {row["output"]: row["step_id"] for row in await talk.steps()}
    await talk.walk(steps["Three."], 1)
    await talk.walk(steps["Two."], 2)
    await talk.walk(steps["Three."], 1)
    await talk.edit(first, "Z")
    return first


def said(messages: pd.DataFrame) -> dict[str, str | None]:
    """What each message follows, by what it says."""
    content = messages.set_index("message_id")["content"]
    parents = messages.set_index("content")["parent_id"]
    return {text: None if pd.isna(parent) else content[parent] for text, parent in parents.items()}


async def test_every_branch_has_its_line_of_parents(talk: Talk, record: Record, out: Path) -> None:
    """However often it was left and shown again; what stands alone is the default."""
    first = await walked(talk)
    await asyncio.to_thread(export_to, record.database.url, out, include_deleted=True)
    tables = load(out)
    assert said(tables["messages"]) == {
        "Z": None,
        "One.": "Z",  # the same message, in the wording that is shown
        "B": "One.",
        "Two.": "B",
        "Three.": "B",
        "C": "Three.",
        "Four.": "C",
        "Five.": "Z",
    }
    messages = tables["messages"].set_index("content")
    three = messages.loc["Three.", "run_id"]
    branches = messages["branch"].dropna().to_dict()
    assert branches == {
        "One.": f"{first}/1",
        "B": f"{first}/1",
        "Two.": f"{first}/1",
        "Three.": three,
        "C": three,
        "Four.": three,
    }
    assert messages.index[messages["is_current"]].tolist() == ["Z", "Five."]
    revisions = tables["revisions"].set_index(["step_id", "revision"]).loc[first]
    assert revisions["output"].tolist() == ["A", "Z"]
    assert revisions["is_current"].tolist() == [False, True]
    assert await asyncio.to_thread(verify_export, out, record.database.url) == []


@pytest.mark.parametrize("deleted", [False, True])
async def test_a_walk_after_an_export_is_no_fault_of_it(
    talk: Talk, record: Record, out: Path, deleted: bool
) -> None:
    """What left and what came back has moved on since; nothing is called wrong or missing."""
    first = await walked(talk)
    steps = {row["output"]: row["step_id"] for row in await talk.steps()}
    await record.ratings.put(talk.participant_id, steps["Five."], 1, None, ["Kind"])
    await record.bookmarks.put(talk.participant_id, steps["Two."])
    await asyncio.to_thread(export_to, record.database.url, out, include_deleted=deleted)
    assert await asyncio.to_thread(verify_export, out, record.database.url) == []
    await talk.walk(first, 1)
    differences = await asyncio.to_thread(verify_export, out, record.database.url)
    assert differences != []
    assert [str(one) for one in differences if one.wrong] == []


async def test_reasons_and_bookmarks_are_exported(talk: Talk, record: Record, out: Path) -> None:
    """Every change of mind with --include-deleted; what stands without it."""
    await talk.say("A")
    reply = (await talk.steps())[1]["step_id"]
    await record.ratings.put(talk.participant_id, reply, 1, None, ["Kind", "Helpful"])
    await record.ratings.put(talk.participant_id, reply, 0, "No", [])
    for put in (True, False, True):
        await (record.bookmarks.put if put else record.bookmarks.remove)(talk.participant_id, reply)
    await asyncio.to_thread(export_to, record.database.url, out / "all", include_deleted=True)
    await asyncio.to_thread(export_to, record.database.url, out / "now")
    ever, now = load(out / "all"), load(out / "now")
    reasons = [json.loads(one) for one in ever["ratings"]["reasons"].fillna("null")]
    assert reasons == [["Kind", "Helpful"], None]
    assert (len(ever["bookmarks"]), ever["bookmarks"]["deleted_at"].notna().sum()) == (2, 1)
    assert now["bookmarks"]["message_id"].tolist() == now["ratings"]["message_id"].tolist() == [reply]
