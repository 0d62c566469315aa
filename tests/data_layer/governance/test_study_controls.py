"""How the study is steered: every change is kept, the newest holds, other processes notice."""

import pytest

from data_layer.governance.study_controls import LOOK_AGAIN, StudyControls
from data_layer.record import Record
from study.errors import DatabaseError
from study.vocabulary import StudyState
from tests.data_layer.rows import new_id, rows
from tests.fakes import HandClock


async def test_a_study_is_open_until_somebody_says_otherwise(record: Record) -> None:
    """No row is needed."""
    assert await record.controls.state() is StudyState.OPEN
    assert await record.controls.history() == []


async def test_every_change_is_kept(record: Record) -> None:
    """With who made it; the newest is the state, and the first in the history."""
    olga = new_id()
    for state in (StudyState.PAUSED, StudyState.ENDED, StudyState.OPEN, StudyState.ENDED):
        await record.controls.change(state, olga, "Olga")
    assert await record.controls.state() is StudyState.ENDED
    kept = await record.controls.history()
    assert [row["state"] for row in kept] == ["ended", "open", "ended", "paused"]
    assert {(row["researcher_id"], row["author"], row["study_id"]) for row in kept} == {
        (olga, "Olga", record.defaults.study_id)
    }


async def test_it_is_known_at_once_where_it_is_changed(record: Record) -> None:
    """Whoever listens hears of it."""
    heard: list[StudyState] = []
    record.controls.listeners.append(heard.append)
    await record.controls.change(StudyState.PAUSED, None, "operator")
    assert heard == [StudyState.PAUSED]
    assert await record.controls.state() is StudyState.PAUSED


async def test_another_process_notices_soon(record: Record, clock: HandClock) -> None:
    """What it knew is asked for again."""
    other = StudyControls(record.store, record.defaults.study_id)
    assert await other.state() is StudyState.OPEN
    await record.controls.change(StudyState.ENDED, None, "operator")
    clock.forward(LOOK_AGAIN.total_seconds())
    assert await other.state() is StudyState.ENDED


async def test_another_study_is_another(record: Record) -> None:
    """Two studies in one database end apart."""
    other = StudyControls(record.store, "another")
    await record.controls.change(StudyState.ENDED, None, "operator")
    assert await other.state() is StudyState.OPEN


async def test_what_is_not_written_has_not_happened(record: Record) -> None:
    """A database that refuses leaves the study as it was, and says so."""
    async with record.database.engine.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE study_controls RENAME TO elsewhere")
    with pytest.raises(DatabaseError):
        await record.controls.change(StudyState.ENDED, None, "operator")
    assert await record.controls.state() is StudyState.OPEN
    async with record.database.engine.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE elsewhere RENAME TO study_controls")
    assert await rows(record, "study_controls") == []
