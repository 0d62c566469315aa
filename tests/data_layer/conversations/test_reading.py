"""Reads in one piece, on both databases."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import text

from data_layer.database.engine import READING_THREADS, open_database
from data_layer.record import Record


async def test_a_read_sees_what_is_committed(record: Record) -> None:
    """As soon as the writer says that it is."""
    person = (await record.enter("Ada", "ada")).participant_id
    query = text("SELECT participant_id FROM participants")
    assert await record.database.read(lambda connection: connection.scalar(query)) == person


async def test_more_reads_than_threads_are_all_answered(record: Record) -> None:
    """Each waits for its turn."""
    query = text("SELECT 1")
    reads = (record.database.read(lambda connection: connection.scalar(query)) for _ in range(50))
    assert await asyncio.gather(*reads) == [1] * 50
    assert READING_THREADS < 50


async def test_what_a_read_raises_is_its_callers(record: Record) -> None:
    """And the next one goes on."""
    with pytest.raises(ZeroDivisionError):
        await record.database.read(lambda _: 1 // 0)
    assert await record.database.read(lambda connection: connection.scalar(text("SELECT 2"))) == 2


async def test_a_closed_sqlite_is_away(tmp_path: Path) -> None:
    """Who asks after the end hears of a database that is away; closing it twice does nothing."""
    database = open_database(f"sqlite+aiosqlite:///{tmp_path}/closed.db")
    await database.close()
    await database.close()
    with pytest.raises(OSError, match="closed"):
        await database.read(lambda connection: connection.scalar(text("SELECT 1")))
