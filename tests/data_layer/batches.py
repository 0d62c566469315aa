"""Batches in memory: what the writer would commit, one transaction after another, a millisecond each.

For what a batch makes of its writes, which needs neither the writer's queue nor its thread, nor a disk.
"""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import create_engine, select
from sqlalchemy.engine import Connection
from sqlalchemy.pool import StaticPool

from data_layer.database import schema
from data_layer.database.order import WriteOrder
from data_layer.database.rows import Row
from data_layer.database.types import dump_json
from data_layer.writing import statements
from data_layer.writing.batch import Batch, Outcome, Unit
from data_layer.writing.marks import Attempt, ProcessMarks
from data_layer.writing.state import ThreadDefaults
from data_layer.writing.writes import PutThread, Write
from tests.data_layer.rows import ADA, message, new_id
from tests.fakes import HandClock

T = TypeVar("T")


class Batches:
    """A database in memory, with a clock that is turned by hand and numbers from 1,000 on.

    Args:
        migrated: A SQLite file at head.
        defaults: For threads that are born.
    """

    def __init__(self, migrated: Path, defaults: ThreadDefaults) -> None:
        self.now = HandClock()
        self.order = WriteOrder(lambda: 1_000)
        self.touched: frozenset[str] = frozenset()
        self._defaults = defaults
        # Each builds its statements anew: a change of how (scripts/mutate) would come too late for a second.
        statements._built.clear()
        self._engine = create_engine("sqlite+pysqlite://", json_serializer=dump_json, poolclass=StaticPool)
        with self._engine.connect() as connection:
            raw: Any = connection.connection.dbapi_connection
            kept = sqlite3.connect(migrated)
            kept.backup(raw)
            kept.close()

    def take_order(self) -> int:
        """The next number."""
        return self.order.take()

    def close(self) -> None:
        """Forget it all."""
        self._engine.dispose()

    def apply(self, *units: Unit) -> list[Outcome]:
        """Commit units in one transaction."""
        with self._engine.begin() as connection:
            batch = Batch(connection, self._defaults)
            outcomes = batch.apply(units)
        self.touched = batch.touched
        return outcomes

    def within(self, work: Callable[[Connection], T]) -> T:
        """Do something else in a transaction."""
        with self._engine.begin() as connection:
            return work(connection)

    def mark(self, attempt: Attempt) -> None:
        """Leave a batch's mark."""
        self.within(lambda connection: ProcessMarks().put(connection, attempt))

    def unit(self, *writes: Write, orders: list[int] | None = None) -> Unit:
        """Writes that belong together, with the next numbers, or others."""
        return Unit(writes, orders or [self.order.take() for _ in writes])

    def submit(self, *writes: Write, orders: list[int] | None = None) -> Outcome:
        """Commit one unit."""
        return self.apply(self.unit(*writes, orders=orders))[0]

    def begin_thread(self, words: str = "Hello there", owner: str = ADA) -> str:
        """A thread with one message.

        Returns:
            Its id.
        """
        thread_id = new_id()
        put = PutThread(thread_id, owner, self.now(), words)
        self.submit(put, message(self, thread_id, words, by=owner))
        return thread_id

    def rows(self, table: str, **equal: Any) -> list[Row]:
        """The rows of a table, in order."""
        target = schema.metadata.tables[table]
        query = select(target).where(*(target.c[name] == value for name, value in equal.items()))
        query = query.order_by(*(target.c[name] for name in ("seq", "revision") if name in target.c))
        with self._engine.connect() as connection:
            return [dict(row) for row in connection.execute(query).mappings()]

    def one(self, table: str, **equal: Any) -> Row:
        """The one row that fits."""
        (row,) = self.rows(table, **equal)
        return row

    def found(self) -> list[Row]:
        """The search index."""
        with self._engine.connect() as connection:
            result = connection.exec_driver_sql("SELECT rowid AS number, * FROM search_index ORDER BY rowid")
            return [dict(row) for row in result.mappings()]
