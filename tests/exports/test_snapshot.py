import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from data_layer.database import schema
from data_layer.database.engine import sqlite_path
from exports import load
from exports.columns.field import Field, Kind
from exports.make import export
from exports.rows.batches import BATCH_BYTES, batches
from exports.rows.postgresql import postgresql_snapshot
from exports.rows.snapshot import Cursor, Rows
from exports.rows.sqlite import sqlite_snapshot
from exports.rows.taking import take_snapshot
from study.errors import DatabaseError
from tests.exports.seed import Seed, id_of

COUNT = select(func.count()).select_from(schema.steps)


class WhileItRuns:
    """A progress that writes to the database when the first table is begun."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._wrote = False

    def stage(self, words: str) -> None:
        """Pass over it."""

    def plan(self, rows: int) -> None:
        """Pass over it."""

    def begin(self, table: str, rows: int) -> None:
        """Write, once."""
        if not self._wrote:
            later = Seed()
            later.participant("Late")
            later.thread("late thread", "Late", 10_000)
            later.step("late message", "late thread", 10_001, "user_message")
            later.write(self._url)
            self._wrote = True

    def advance(self, rows: int) -> None:
        """Go on."""


def test_an_export_is_of_one_moment(story_url: str, out: Path) -> None:
    """What is committed while it runs is in none of its tables, not only in the later ones."""
    export(story_url, out, progress=WhileItRuns(story_url))
    frames = load(out)
    for name in ("participants", "threads", "messages", "revisions"):
        assert not frames[name].isin([id_of("Late"), id_of("late thread"), id_of("late message")]).any().any()
    with take_snapshot(story_url) as now:
        assert now.number(COUNT) > len(frames["messages"])


def test_those_who_write_go_on(story_url: str) -> None:
    """A snapshot that is held keeps nobody from writing."""
    with take_snapshot(story_url) as held:
        before = held.number(COUNT)
        seed = Seed()
        seed.step("meanwhile", "Ada's thread", 700, "user_message")
        seed.write(story_url)
        assert held.number(COUNT) == before


def test_an_export_can_write_nothing(sqlite_story: str) -> None:
    """SQLite itself refuses."""
    path = sqlite_path(sqlite_story)
    assert path is not None
    with sqlite_snapshot(path) as snapshot, pytest.raises(sqlite3.OperationalError, match="readonly"):
        snapshot.connection.execute("DELETE FROM steps")


def test_an_export_can_write_nothing_to_postgresql(postgres_url: str) -> None:
    """PostgreSQL itself refuses."""
    with pytest.raises(DatabaseError, match="read-only"), postgresql_snapshot(postgres_url) as snapshot:
        snapshot.execute("DELETE FROM steps")


class LongRows(Cursor):
    """Gives rows of one text, and remembers how many were asked for at a time."""

    def __init__(self, lengths: Iterator[int]) -> None:
        self._lengths = lengths
        self.asked: list[int] = []

    def fetch(self, count: int) -> Rows:
        """The next rows."""
        self.asked.append(count)
        return [("x" * length,) for _, length in zip(range(count), self._lengths, strict=False)]


def test_long_rows_come_a_few_at_a_time() -> None:
    """A batch is bounded in bytes: after rows of 100 kB have been seen, few are held at once."""
    cursor = LongRows(iter([100_000] * 2000))
    column = Field("text", Kind.TEXT, "A text.")
    sizes = [batch.nbytes for batch in batches(cursor, [column])]
    assert max(sizes[1:]) <= BATCH_BYTES * 1.1
    assert sum(sizes) >= 2000 * 100_000


def test_short_rows_come_many_at_a_time() -> None:
    """Asking for them one by one would take its time."""
    cursor = LongRows(iter([10] * 50_000))
    list(batches(cursor, [Field("text", Kind.TEXT, "A text.")]))
    assert len(cursor.asked) < 15
