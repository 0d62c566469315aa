"""What is going on and has gone on: a few statements over the whole record."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, text

from data_layer import schema
from data_layer.engine import Database
from data_layer.reading import read_rows
from data_layer.review import overview_queries as queries
from data_layer.writes import Row


@dataclass(frozen=True)
class Overview:
    """What the record says of itself.

    Args:
        at: When it was asked.
        participants: entered, simulated, began, exchanged, finished, abandoned.
        withdrawn: Participants who have withdrawn; all else counts without them.
        arrivals: A row a day and way in: day, source, participants.
        days: A row a day and agent: day, agent, threads, messages, deleted, ended, participants.
        runs: A row a day, agent, status and group of times: also ttft and latency (upper ends), runs.
        calls: A row a day, model and currency: calls, failed, input_tokens, output_tokens, cost, priced.
        connections: A row a day of closing, reason and whether the page came back: day and reason (None
            while open), returned (0 or 1), connections.
        files: How many files are attached, and their bytes.
        database_bytes: What the database takes on its disk.
        backup: The newest backup: at, target, details; None when none was made.
    """

    at: datetime
    participants: Row
    withdrawn: int
    arrivals: list[Row]
    days: list[Row]
    runs: list[Row]
    calls: list[Row]
    connections: list[Row]
    files: Row
    database_bytes: int
    backup: Row | None


async def overview(database: Database, now: datetime) -> Overview:
    """Count the record.

    Args:
        database: Where it is.
        now: The moment that "abandoned" is reckoned from.

    Raises:
        SQLAlchemyError: The database is away.
    """
    dialect = database.dialect
    async with database.engine.connect() as connection:
        return Overview(
            at=now,
            participants=(await read_rows(connection, queries.participants(now)))[0],
            withdrawn=await connection.scalar(select(func.count()).select_from(schema.withdrawals)) or 0,
            arrivals=await read_rows(connection, queries.arrivals(dialect)),
            days=await read_rows(connection, queries.days(dialect)),
            runs=await read_rows(connection, queries.runs(dialect)),
            calls=await read_rows(connection, queries.calls(dialect)),
            connections=await read_rows(connection, queries.connections(dialect)),
            files=(await read_rows(connection, queries.files()))[0],
            database_bytes=int(await connection.scalar(text(queries.SIZE[dialect])) or 0),
            backup=next(iter(await read_rows(connection, queries.newest_backup())), None),
        )


async def active_now(database: Database, now: datetime) -> Row:
    """Who is active now: participants and threads. An index answers: it may be asked each time.

    Raises:
        SQLAlchemyError: The database is away.
    """
    async with database.engine.connect() as connection:
        return (await read_rows(connection, queries.active(now)))[0]
