"""The database: whether it keeps what it has acknowledged, how many may connect, its clock, the backup."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from commands.doctor.finding import Severity, Symptom
from data_layer.database import schema
from data_layer.database.engine import POOL_SIZE, open_database
from data_layer.review.overview_queries import newest_backup
from study.errors import DatabaseError

# Off, each of them loses in a power cut what participants were told is kept.
_DURABLE: Final = ("fsync", "full_page_writes", "synchronous_commit")
_BACKUP_AGE: Final = timedelta(days=7)
_ALIVE: Final = timedelta(minutes=2)
_SLIGHT: Final = timedelta(seconds=2)
# Besides its pool a process listens, and holds the lock that it lives by; commands want some as well.
_BESIDE: Final = 2
_COMMANDS: Final = 5


async def look_at_database(url: str) -> AsyncIterator[Symptom]:
    """Look at the database, without changing anything.

    Args:
        url: Its address.
    """
    try:
        database = open_database(url)
    except DatabaseError as error:
        yield Symptom("database", Severity.WRONG, str(error))
        return
    try:
        async with database.engine.connect() as connection:
            look = _postgresql if database.dialect == "postgresql" else _sqlite
            async for finding in look(connection):
                yield finding
            yield await _backup(connection)
    except (SQLAlchemyError, OSError, DatabaseError) as error:
        repair = (
            f"It does not answer, or has no tables yet ({type(error).__name__}). See that it runs, then: "
        )
        yield Symptom("database", Severity.WRONG, f"{repair}.venv/bin/python cli.py migrate")
    finally:
        await database.close()


async def _postgresql(connection: AsyncConnection) -> AsyncIterator[Symptom]:
    async def shown(name: str) -> str:
        return str(await connection.scalar(text(f"SHOW {name}")))

    yield Symptom("database", Severity.OK, f"PostgreSQL {await shown('server_version')}.")
    off = [name for name in _DURABLE if await shown(name) == "off"]
    if off:
        repair = (
            f"{' and '.join(off)} off: a power cut loses words that were acknowledged. In postgresql.conf: "
            f"{', '.join(f'{name} = on' for name in off)}"
        )
        yield Symptom("durability", Severity.WRONG, repair)
    else:
        yield Symptom("durability", Severity.OK, "What is acknowledged survives a power cut.")
    yield _skew(await connection.scalar(select(func.now())))
    table = schema.processes
    # Commands have no slot, and have ended.
    serving = table.c.slot.is_not(None), table.c.beat_at > datetime.now(UTC) - _ALIVE
    lives = await connection.scalar(select(func.count()).where(*serving))
    needed = max(1, lives or 0) * (2 * POOL_SIZE + _BESIDE) + _COMMANDS
    kept = int(await shown("superuser_reserved_connections"))
    most = int(await shown("max_connections")) - kept
    says = f"{most} may be open; {lives or 0} processes that run now want {needed} at most."
    if most < needed:
        repair = f"{says} In postgresql.conf: max_connections = {needed + kept}"
        yield Symptom("connections", Severity.WARNING, repair)
    else:
        yield Symptom("connections", Severity.OK, says)


async def _sqlite(connection: AsyncConnection) -> AsyncIterator[Symptom]:
    version = await connection.scalar(text("SELECT sqlite_version()"))
    yield Symptom("database", Severity.OK, f"SQLite {version}.")
    mode = await connection.scalar(text("PRAGMA journal_mode"))
    good = mode == "wal"
    says = (
        "It is written ahead (WAL)." if good else f"Its journal is {mode}: the server's start makes it WAL."
    )
    yield Symptom("durability", Severity.OK if good else Severity.WARNING, says)
    # The database has no clock; one that was set back since stands before what it has written.
    last = await connection.scalar(select(func.max(schema.processes.c.beat_at)))
    yield _skew(last if last is not None and last > datetime.now(UTC) else datetime.now(UTC))


def _skew(theirs: Any) -> Symptom:
    apart = abs(theirs - datetime.now(UTC))
    if apart > _SLIGHT:
        says = f"This machine and the database are {apart.total_seconds():,.0f} s apart. Let both follow NTP."
        return Symptom("clock", Severity.WARNING, says)
    return Symptom("clock", Severity.OK, "It agrees with the database's.")


async def _backup(connection: AsyncConnection) -> Symptom:
    found = (await connection.execute(newest_backup())).mappings().first()
    make = ".venv/bin/python cli.py backup FOLDER"
    if found is None:
        return Symptom("backup", Severity.WARNING, f"None was made yet. Make one: {make}")
    age = datetime.now(UTC) - found["at"]
    says = f"The newest is {age.days} days old: {found['target']}."
    if age > _BACKUP_AGE:
        return Symptom("backup", Severity.WARNING, f"{says} Make one: {make}")
    return Symptom("backup", Severity.OK, says)
