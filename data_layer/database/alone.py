"""One at a time, of all processes on one database: for what is read first, and changed as it was read."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from sqlalchemy import text

from data_layer.database.advisory_lock import AdvisoryLock
from data_layer.database.engine import Database

_WAIT: Final = text(f"SELECT pg_advisory_xact_lock({AdvisoryLock.CHANGED_AS_READ}, hashtext(:name))")


@asynccontextmanager
async def alone(database: Database, name: str) -> AsyncIterator[None]:
    """Wait until no other process does what has this name, and let none begin it meanwhile.

    On SQLite it waits for nothing: one process serves it. Within a process the caller sees to it.

    Args:
        database: Theirs.
        name: What is done.

    Raises:
        SQLAlchemyError: The database is away.
        OSError: Likewise.
    """
    if database.dialect == "sqlite":
        yield
        return
    async with database.engine.begin() as connection:
        await connection.execute(_WAIT, {"name": name})
        yield
