"""What is asked for under a key is done once: by one process, after a kill by another, for a day."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from data_layer.database.engine import open_database
from data_layer.people import keyed_requests
from data_layer.people.keyed_requests import KeyedClaim
from data_layer.record import Record
from data_layer.writing.state import ThreadDefaults
from tests.data_layer.rows import ADA, BOB, new_id, rows
from tests.data_layer.said_by_ada import enter
from tests.fakes import HandClock

ASKED, OTHER = "a" * 64, "b" * 64


@pytest.fixture
async def other(
    database_url: str, tmp_path: Path, defaults: ThreadDefaults, clock: HandClock
) -> AsyncIterator[Record]:
    """Another process over the same database."""
    other = Record(open_database(database_url), tmp_path / "kept", defaults, clock)
    await other.start()
    yield other
    await other.close()


async def claim(record: Record, request_id: str, digest: str = ASKED, whose: str = ADA) -> KeyedClaim:
    """Ask for something."""
    return await record.keyed_requests.claim(request_id, whose, digest)


async def test_of_two_processes_at_once_one_does_it(record: Record, other: Record) -> None:
    """The other is told that it is under way; and once it is done, what was answered."""
    for _ in range(5):
        request_id = new_id()
        found = await asyncio.gather(claim(record, request_id), claim(other, request_id))
        assert sorted(one.what for one in found) == ["mine", "under_way"]
        mine = next(one for one in found if one.what == "mine")
        await record.keyed_requests.done(request_id, mine.claim_id, 200, {"stopped": True})
        for process in (record, other):
            known = await claim(process, request_id)
            assert (known.what, known.status, known.answer) == ("done", 200, {"stopped": True})


async def test_another_takes_over_from_one_that_is_gone(record: Record, other: Record) -> None:
    """Nobody knows how far it came; what it says afterwards counts no more."""
    first = await claim(other, request_id := new_id())
    assert (await claim(record, request_id)).what == "under_way"
    other.processes.end()
    second = await claim(record, request_id)
    assert second.what == "mine"
    await other.keyed_requests.done(request_id, first.claim_id, 200, None)
    assert [(row["claim_id"], row["status"]) for row in await rows(record, "keyed_requests")] == [
        (second.claim_id, None)
    ]


async def test_a_key_of_something_else_is_known(record: Record) -> None:
    """While it is under way, and afterwards; what came to nothing leaves its key free."""
    first = await claim(record, request_id := new_id())
    assert (await claim(record, request_id, OTHER)).what == "other"
    await record.keyed_requests.let_go(request_id, first.claim_id)
    assert (await claim(record, request_id, OTHER)).what == "mine"


async def test_it_is_known_for_a_day(record: Record, clock: HandClock) -> None:
    """And is gone then, whoever's it was."""
    for whose in (ADA, BOB):
        await claim(record, new_id(), whose=whose)
    clock.forward(25 * 3_600)
    await claim(record, last := new_id())
    assert [row["request_id"] for row in await rows(record, "keyed_requests")] == [last]


async def test_a_participant_has_so_many_at_most(record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest, and nobody else loses one for it."""
    monkeypatch.setattr(keyed_requests, "MOST", 3)
    await claim(record, bobs := new_id(), whose=BOB)
    adas = [new_id() for _ in range(5)]
    for one in adas:
        await claim(record, one)
    assert {row["request_id"] for row in await rows(record, "keyed_requests")} == {bobs, *adas[2:]}


async def test_a_withdrawal_erases_them_and_none_comes_after_it(record: Record) -> None:
    """Not even of a request that was under way."""
    await enter(record, ADA, "ada")
    await claim(record, request_id := new_id())
    await record.withdrawals.withdraw(ADA, "participant")
    assert await rows(record, "keyed_requests") == []
    await claim(record, request_id)
    assert await rows(record, "keyed_requests") == []
