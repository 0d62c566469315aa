"""The processes that write to the study's database, where there are several: where each runs, how it is."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select

from data_layer.database import schema
from data_layer.database.engine import Database
from data_layer.database.rows import Row

# Each beats every 15 seconds (data_layer/writing/processes.py): after so long somebody should look.
SILENT: Final = timedelta(minutes=1)


async def processes(database: Database) -> list[Row]:
    """Those that have a slot, in its order; none where there is but one.

    Raises:
        SQLAlchemyError: The database is away.
    """
    table = schema.processes
    query = select(table).where(table.c.slot.is_not(None)).order_by(table.c.slot)
    async with database.engine.connect() as connection:
        found = [dict(row) for row in (await connection.execute(query)).mappings()]
    return found if len(found) > 1 else []


def process_warnings(found: Sequence[Row], now: datetime, *, beat: bool) -> Iterator[str]:
    """What somebody should look at, a sentence each.

    Args:
        found: The processes.
        now: The time.
        beat: Whether they do: on SQLite everybody sees who lives.
    """
    for row in found:
        health = row["health"] or {}
        if beat and now - row["beat_at"] > SILENT:
            yield (
                f"Process {row['slot'] + 1} on {row['host']} has not been heard of for a while. See that it "
                "runs; what it left open is closed by the others."
            )
        elif health.get("away"):
            yield (
                f"Process {row['slot'] + 1} on {row['host']} cannot reach the database; what is said there "
                "waits in its journal."
            )
    versions = sorted({row["app_version"] or "" for row in found})
    if len(versions) > 1:
        yield f"Several versions of Verbatim are at work: {', '.join(versions)}. Start the older ones anew."
