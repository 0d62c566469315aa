"""What goes to the driver past SQLAlchemy says what SQLAlchemy would have said."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import asyncpg
from sqlalchemy.dialects.sqlite import pysqlite
from sqlalchemy.engine import Dialect

from data_layer.database import schema
from data_layer.database.rows import Row, read_rows
from data_layer.database.types import iso
from data_layer.record import Record
from data_layer.writing.prepared import rows_where
from tests.data_layer.rows import message, new_id, reply

DIALECTS: dict[str, Dialect] = {"sqlite": pysqlite.dialect(), "postgresql": asyncpg.dialect()}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_nothing_is_null_in_every_column(dialect: str) -> None:
    """No type makes anything else of None: a prepared statement does not ask it to."""
    on = DIALECTS[dialect]
    for table in schema.metadata.tables.values():
        for column in table.c:
            process = column.type.dialect_impl(on).bind_processor(on)
            assert process is None or process(None) is None


@pytest.mark.parametrize("threads", [1, 2, 3, 600])
async def test_rows_by_ids_are_those_that_sqlalchemy_gives(record: Record, threads: int) -> None:
    """Each once, with every type read back, whatever the number of ids; what is no id is nobody's."""
    ids = [new_id() for _ in range(threads)]
    columns: Row = {"metadata": {"a": ["ü", None]}, "is_error": True, "ended_at": record.now()}
    for thread_id in ids[-3:]:
        await record.writer.submit(
            message(record, thread_id, "One"), reply(record, thread_id, "Two", **columns)
        )
    steps = schema.steps
    by_thread = rows_where(select(steps).where(steps.c.is_error, steps.c.name != ""), steps.c.thread_id)
    asked = [*ids, new_id(), "", None, 7]
    found = await record.database.transact(lambda connection: by_thread.rows(connection, asked))
    async with record.database.engine.connect() as connection:
        expected = await read_rows(connection, select(steps).where(steps.c.is_error))
    assert sorted(found, key=lambda row: row["step_id"]) == sorted(expected, key=lambda row: row["step_id"])
    assert len(found) == len(ids[-3:])


@given(st.integers(-(10**16), 10**17), st.integers(-12 * 60, 14 * 60))
def test_a_moment_is_written_as_python_writes_it(microseconds: int, zone: int) -> None:
    """UTC, to the millisecond below, whatever its zone."""
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
    written = moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    assert iso(moment) == iso(moment.astimezone(timezone(timedelta(minutes=zone)))) == written
