"""Moves of intents, as the writer takes them: what can be is once, whoever asks, and comes back as it was."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data_layer.conversations import intents
from data_layer.database.engine import open_database
from data_layer.record import Record
from data_layer.writing.intent_writes import MoveIntent
from data_layer.writing.state import ThreadDefaults
from study.reasons import Reason
from tests.data_layer.rows import ADA, BOB, begin_thread, new_id, one, rows
from tests.fakes import HandClock

# Beyond 2**53 PostgreSQL's JSON gives a whole float back as the whole number of its digits.
KEYS = st.text("aäb$.'\"", max_size=4)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(-(2**53), 2**53)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.dictionaries(st.text("abc_", min_size=1, max_size=5), JSON, max_size=4)


async def begun(record: Record, thread_id: str | None = None) -> tuple[str, str]:
    """An intent under way.

    Returns:
        Its thread, and itself.
    """
    thread_id, intent_id = thread_id or await begin_thread(record), new_id()
    begins = {"agent": "Agent", "name": "order", "title": "Order"}
    await record.writer.submit(
        MoveIntent(thread_id, intent_id, "began", "agent", record.now(), begins=begins)
    )
    return thread_id, intent_id


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(parameters=OBJECTS, state=OBJECTS)
async def test_what_is_known_comes_back_as_it_was(
    record: Record, parameters: dict[str, Any], state: dict[str, Any]
) -> None:
    """Parameters and the agent's state, in the intent and in the move that left them, on both databases."""
    thread_id, intent_id = await begun(record)
    said = {"parameters": parameters, "agent_state": state}
    await record.writer.submit(MoveIntent(thread_id, intent_id, "updated", "agent", record.now(), **said))  # type: ignore[arg-type]
    [kept] = await intents.standing(record.database, thread_id)
    assert (kept["parameters"], kept["agent_state"]) == (parameters, state)
    move = (await rows(record, "intent_moves", thread_id=thread_id))[-1]
    assert (move["parameters"], move["agent_state"]) == (parameters, state)


async def test_of_two_processes_that_end_it_one_does(
    record: Record, database_url: str, tmp_path: Path, defaults: ThreadDefaults, clock: HandClock
) -> None:
    """Each says another end at once; the first holds, and the others are refused."""
    other = Record(open_database(database_url), tmp_path / "other", defaults, clock)
    await other.start()
    for _ in range(5):
        thread_id, intent_id = await begun(record)
        ends = [
            one.writer.submit(MoveIntent(thread_id, intent_id, move, "now", clock()))
            for one in (record, other)
            for move in ("completed", "abandoned")
        ]
        outcomes = await asyncio.gather(*ends)
        reasons = [outcome.reason for outcome in outcomes]
        assert sorted(reason is None for reason in reasons) == [False, False, False, True]
        moves = await rows(record, "intent_moves", thread_id=thread_id)
        assert len(moves) == 2
        kept = await one_of(record, intent_id)
        assert (kept, moves[1]["state"]) == (moves[1]["state"], moves[1]["move"])
    await other.close()


async def one_of(record: Record, intent_id: str) -> str:
    """How an intent stands."""
    return str((await one(record, "intents", intent_id=intent_id))["state"])


async def test_of_two_processes_that_begin_one_each_one_is_under_way(
    record: Record, database_url: str, tmp_path: Path, defaults: ThreadDefaults, clock: HandClock
) -> None:
    """The other was replaced, whichever came first."""
    other = Record(open_database(database_url), tmp_path / "other", defaults, clock)
    await other.start()
    for _ in range(5):
        thread_id = await begin_thread(record)
        await asyncio.gather(*(begun(one, thread_id) for one in (record, other, record, other)))
        kept = await rows(record, "intents", thread_id=thread_id)
        assert sorted(row["state"] for row in kept) == ["abandoned"] * 3 + ["active"]
    await other.close()


@pytest.mark.parametrize("move", ["updated", "completed", "abandoned", "continued", "declined", "began"])
async def test_nothing_follows_a_completion(record: Record, move: str) -> None:
    """Whatever is asked for, by the app or its participant."""
    thread_id, intent_id = await begun(record)
    await record.writer.submit(MoveIntent(thread_id, intent_id, "completed", "tool", record.now()))
    for by in (None, ADA):
        again = MoveIntent(thread_id, intent_id, move, "again", record.now(), by)
        assert (await record.writer.submit(again)).reason is Reason.INTENT_STANDS_ELSEWHERE
    assert len(await rows(record, "intent_moves", thread_id=thread_id)) == 2


async def test_a_stranger_moves_nothing(record: Record) -> None:
    """Neither in its thread, nor by naming another of their own."""
    thread_id, intent_id = await begun(record)
    own = await begin_thread(record, owner=BOB)
    for thread, reason in ((thread_id, Reason.ANOTHERS_THREAD), (own, Reason.NO_INTENT)):
        moved = await record.writer.submit(
            MoveIntent(thread, intent_id, "abandoned", "spite", record.now(), BOB)
        )
        assert moved.reason is reason
    assert await one_of(record, intent_id) == "active"


async def test_what_is_late_brings_nothing_back(record: Record) -> None:
    """A withdrawn participant's intents are gone, and what is late brings none back."""
    person = (await record.enter("Cyd", "cyd")).participant_id
    thread_id, intent_id = await begun(record, await begin_thread(record, owner=person))
    await record.withdrawals.withdraw(person, "participant")
    late = MoveIntent(thread_id, intent_id, "completed", "tool", record.now())
    assert (await record.writer.submit(late)).reason is Reason.HAS_WITHDRAWN
    assert await rows(record, "intents", thread_id=thread_id) == []
    assert await rows(record, "intent_moves", thread_id=thread_id) == []
