"""Reading a database as it stood at one moment, however long the reading takes."""

from collections.abc import Iterator
from contextlib import contextmanager

from data_layer.database.engine import sqlite_path
from exports.rows.postgresql import postgresql_snapshot
from exports.rows.snapshot import Snapshot
from exports.rows.sqlite import sqlite_snapshot


@contextmanager
def take_snapshot(url: str, lent: str | None = None) -> Iterator[Snapshot]:
    """Hold a database still for reading; those who write go on.

    Args:
        url: The database's address.
        lent: What another snapshot of PostgreSQL lent (Snapshot.lend): the same is seen.

    Yields:
        The snapshot. While it is held, SQLite's log grows and PostgreSQL keeps old rows.

    Raises:
        DatabaseError: It is not there, cannot be opened, or has no tables.
    """
    path = sqlite_path(url) if url.startswith("sqlite") else None
    if path is not None:
        with sqlite_snapshot(path) as snapshot:
            yield snapshot
    else:
        with postgresql_snapshot(url, lent) as snapshot:
            yield snapshot
