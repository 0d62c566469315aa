"""What the flow is drawn from, on both databases: standings, times, and the lists that numbers lead to."""

import uuid
from datetime import timedelta

import pytest

from data_layer.database.engine import Database
from data_layer.database.rows import Row
from data_layer.people.participants import IMPORTED, SIMULATED
from data_layer.record import Record
from data_layer.review.flow import FlowRows, flow_rows
from data_layer.review.flow_filter import ANY_ENDING, UNDER_WAY, FlowFilter
from data_layer.review.participants import list_people
from data_layer.writing.writes import InsertRow
from tests.data_layer.review.test_overview import person


async def stand(record: Record, name: str, source: str = "login", **columns: object) -> str:
    """Somebody who stands somewhere."""
    whose = await person(record, name, source)
    now = record.now()
    row = {
        "participant_id": whose,
        "study_id": record.defaults.study_id,
        "study_fingerprint": "0" * 64,
        "stage_id": "talk",
        "visit": 1,
        "attempt": 1,
        "began_at": now,
        "entered_at": now,
        "seen_at": now,
        "attention_failed": 0,
    }
    await record.writer.submit(InsertRow("participations", row | columns))
    return whose


async def visited(record: Record, whose: str, visit: int, stage_id: str, minutes: float | None) -> None:
    """A stage that they left after so many minutes; None: they are there."""
    began = record.now()
    left: Row = {} if minutes is None else {"left_at": began + timedelta(minutes=minutes)}
    row = {
        "visit_id": str(uuid.uuid4()),
        "participant_id": whose,
        "stage_id": stage_id,
        "kind": "survey",
        "visit": visit,
        "attempt": 1,
        "entered_at": began,
    }
    await record.writer.submit(InsertRow("stage_visits", row | left))


async def counted(database: Database) -> FlowRows:
    """As the overview counts."""
    async with database.connect() as connection:
        return await flow_rows(connection, database.dialect)


async def test_everybody_is_counted_once(record: Record) -> None:
    """By where they stand; who was imported is none of the study's, who opened nothing is counted."""
    await stand(record, "Ada")
    await stand(record, "Ben", stage_id="end", ending="completed", usable=True, condition="warm")
    await stand(record, "Cora", stage_id="end", ending="completed", usable=False, attention_failed=2)
    await stand(record, "Robot", SIMULATED)
    await stand(record, "Old", IMPORTED)
    await person(record, "Nobody")
    await record.writer.flush()
    found = (await counted(record.database)).standings
    assert sum(row["participants"] for row in found) == 5
    names = ("stage_id", "ending", "usable", "condition", "inattentive", "simulated")
    told = {tuple(row[name] for name in names) for row in found}
    assert told == {
        ("talk", None, None, None, 0, 0),
        ("end", "completed", True, "warm", 0, 0),
        ("end", "completed", False, None, 1, 0),
        ("talk", None, None, None, 0, 1),
        (None, None, None, None, 0, 0),
    }


async def test_times_are_ranks_of_times_that_were_taken(record: Record) -> None:
    """Visits of one stage by one participant are added up; who is still there is in no time."""
    for number, minutes in enumerate((1, 2, 3, 4, 5, 6, 7, 8, 9, 60), start=1):
        whose = await stand(record, f"P{number}")
        await visited(record, whose, 1, "before", minutes / 2)
        await visited(record, whose, 2, "before", minutes / 2)
        await visited(record, whose, 3, "talk", None)
    await record.writer.flush()
    (row,) = (await counted(record.database)).minutes
    assert (row["stage_id"], row["participants"], row["simulated"]) == ("before", 10, 0)
    assert (round(row["median"]), round(row["p90"])) == (5 * 60, 9 * 60)


async def test_nothing_is_counted_without_a_protocol(record: Record) -> None:
    """A study whose participants only talk pays nothing for it."""
    await record.enter("Ada", "ada")
    await record.writer.flush()
    assert await counted(record.database) == FlowRows()


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (FlowFilter(opened="no"), {"nobody"}),
        (FlowFilter(opened="yes", simulated="no"), {"ada", "ben", "cora"}),
        (FlowFilter(stages=("talk",)), {"ada", "robot"}),
        (FlowFilter(ending=UNDER_WAY, simulated="no"), {"ada"}),
        (FlowFilter(ending=ANY_ENDING), {"ben", "cora"}),
        (FlowFilter(ending="timed_out"), {"cora"}),
        (FlowFilter(usable="yes"), {"ben"}),
        (FlowFilter(usable="no"), {"cora"}),
        (FlowFilter(inattentive=True), {"cora"}),
        (FlowFilter(condition="warm"), {"ben"}),
        (FlowFilter(simulated="yes"), {"robot"}),
        (FlowFilter(stages=("end",), usable="yes", condition="cold"), set()),
    ],
)
async def test_a_list_is_of_whom_was_asked_for(record: Record, asked: FlowFilter, expected: set[str]) -> None:
    """Whatever is asked together holds together; imported participants are on no such list."""
    done = {"stage_id": "end", "ending": "completed", "usable": True, "condition": "warm"}
    late = {"stage_id": "end", "ending": "timed_out", "usable": False, "attention_failed": 1}
    people = {
        await stand(record, "Ada"): "ada",
        await stand(record, "Ben", **done): "ben",
        await stand(record, "Cora", **late): "cora",
        await stand(record, "Robot", SIMULATED): "robot",
        await stand(record, "Old", IMPORTED): "old",
        await person(record, "Nobody"): "nobody",
    }
    await record.writer.flush()
    page = await list_people(record.database, record.now(), flow=asked)
    assert {people[row["participant_id"]] for row in page.rows} == expected
