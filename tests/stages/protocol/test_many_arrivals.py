"""500 people come in one moment: each place has one holder, and the groups stay alike."""

import asyncio
import uuid
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from data_layer.database.engine import open_database
from data_layer.database.rows import Row
from data_layer.record import Record
from data_layer.writing.protocol_writes import BeginParticipation
from data_layer.writing.state import ThreadDefaults
from study.assignment import AssignmentMethod, AssignmentPlan, LedgerRow, crossed, replay
from study.loader import LoadedStudy
from tests.conftest import PATIENT_S
from tests.fakes import HandClock
from tests.stages.protocol.walking import Walker

ARRIVALS = 500
SEED = "a seed of our own"
PLAN = AssignmentPlan(
    AssignmentMethod.BLOCKS,
    crossed({"appeal": ["facts", "stories"], "size": ["small", "large"]}),
    lengths=(4, 8),
    target=200,
)


def arrival(record: Record, ledger: str) -> BeginParticipation:
    """Somebody who is assigned where they begin."""
    now = record.now()
    row: Row = {"participant_id": str(uuid.uuid4()), "stage_id": "talk", "visit": 1, "attempt": 1}
    visit = row | {"visit_id": str(uuid.uuid4()), "kind": "chat", "entered_at": now}
    row |= {"study_id": "example", "study_fingerprint": "f", "attention_failed": 0, "entered_at": now}
    assign: Row = {"ledger": ledger, "stratum": "all", "levels": {}, "fill": False}
    return BeginParticipation(row | {"began_at": now, "seen_at": now}, visit, assign, {"ending": "full"})


async def come(records: list[Record], ledger: str) -> list[LedgerRow]:
    """All come at once, to whichever process; the ledger then."""
    sent = [
        records[number % len(records)].store.commit(arrival(records[number % len(records)], ledger))
        for number in range(ARRIVALS)
    ]
    await asyncio.gather(*sent)
    return await records[0].assignments.rows(ledger)


def is_fair(rows: list[LedgerRow]) -> None:
    """One holder a place, numbers without a gap, at most a block apart, and what the seed says."""
    assert [row.seq for row in rows] == list(range(1, ARRIVALS + 1))
    assert len({row.place_id for row in rows}) == len({row.participant for row in rows}) == ARRIVALS
    counts = Counter(row.condition for row in rows)
    assert len(counts) == 4
    assert max(counts.values()) - min(counts.values()) <= 2
    assert replay(PLAN, SEED, rows) == []


async def test_500_who_come_at_once_get_500_places(record: Record) -> None:
    """In one process."""
    is_fair(await come([record], await record.assignments.ledger_of(PLAN, SEED)))


async def test_500_who_come_to_two_processes_get_500_places(
    postgres_url: str, tmp_path: Path, defaults: ThreadDefaults, clock: HandClock
) -> None:
    """Each decides from the rows of both."""
    records = [
        Record(open_database(postgres_url, PATIENT_S), tmp_path / name, defaults, clock) for name in "ab"
    ]
    for one in records:
        await one.start()
    try:
        ledgers = {await one.assignments.ledger_of(PLAN, SEED) for one in records}
        assert len(ledgers) == 1
        is_fair(await come(records, ledgers.pop()))
    finally:
        for one in records:
            await one.close()


async def test_who_is_killed_after_the_assignment_holds_the_place(
    database_url: str,
    tmp_path: Path,
    defaults: ThreadDefaults,
    clock: HandClock,
    assigning: Callable[..., LoadedStudy],
) -> None:
    """The move was committed and no page followed: the next process finds the place held, then opens it."""
    study = assigning(held_for="10 minutes")
    first = Record(open_database(database_url), tmp_path / "kept", defaults, clock)
    await first.start()
    walker = Walker(first, study, await first.enter("Ada", "ada"))
    await walker.walk_to("talk")
    # As a kill leaves it: no farewell. What was committed is there, and the last signs are not.
    await first.database.close()
    first.processes.end()
    second = Record(open_database(database_url), tmp_path / "kept", defaults, clock)
    await second.start()
    after = Walker(second, study, await second.enter("Ada", "ada"))
    assert (await after.row())["place"] == "assigned"
    assert await after.protocol.places.open_silent() == 0
    clock.forward(700)
    assert await after.protocol.places.open_silent() == 1
    assert (await after.row())["place"] == "opened"
    await second.close()


async def test_another_study_in_the_same_database_is_left_alone(
    record: Record,
    database_url: str,
    tmp_path: Path,
    clock: HandClock,
    assigning: Callable[..., LoadedStudy],
) -> None:
    """Its places are its own: neither taken, nor opened, nor counted."""
    study = assigning(held_for="10 minutes")
    other = Record(
        open_database(database_url), tmp_path / "other", ThreadDefaults("other", "1", "e" * 64), clock
    )
    await other.join()
    theirs = Walker(other, study, await other.enter("Bob", "bob"))
    await theirs.walk_to("talk")
    await other.writer.flush()
    own = Walker(record, study, await record.enter("Ada", "ada"))
    clock.forward(700)
    assert await own.protocol.places.open_silent() == 0
    await own.walk_to("talk")
    assert (await theirs.row())["place"] == "assigned"
    assert (await record.assignments.seed_hash("sealed")) != (await other.assignments.seed_hash("sealed"))
    await other.close()
