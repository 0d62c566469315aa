"""What is going on and has gone on: a few statements over the whole record."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from operator import itemgetter
from typing import Final

from sqlalchemy import Executable, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from data_layer.database import schema
from data_layer.database.engine import Database
from data_layer.database.rows import Row, read_rows
from data_layer.people.participants import IMPORTED, SIMULATED
from data_layer.review import overview_queries as queries
from data_layer.review.flow import FlowRows, flow_rows
from data_layer.review.refusals import refusals


@dataclass(frozen=True)
class Overview:
    """What the record says of itself.

    Args:
        at: When it was asked.
        participants: entered, simulated, began, exchanged, finished, abandoned: the sums of `arrivals`.
        withdrawn: Participants who have withdrawn; all else counts without them.
        arrivals: A row a day and way in: day, source, participants, began, exchanged, finished, abandoned.
        days: A row a day and agent: day, agent, threads, messages, deleted, ended, participants. Here and
            in the three below, `simulated` is 1 in rows of simulated participants, else 0; `imported` is 1
            in rows of imported ones, and stands in no other.
        runs: A row a day, agent, status and group of times: also ttft and latency (upper ends), runs.
        calls: A row a day, model, currency and finish_reason (None where the provider said none): calls,
            failed, input_tokens, output_tokens, cost, priced.
        connections: A row a day of closing, reason and whether the page came back: day and reason (None
            while open), returned (0 or 1), connections.
        intents: A row a day, title and state: intents, turns, seconds (to the end of those that have ended).
        files: How many files are attached, and their bytes.
        database_bytes: What the database takes on its disk.
        backup: The newest backup: at, target, details; None when none was made.
        refusals: Agents whose replies failed at their model lately; see data_layer/review/refusals.py.
        flow: How far participants came through the study's protocol.
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
    refusals: list[Row] = field(default_factory=list)
    intents: list[Row] = field(default_factory=list)
    flow: FlowRows = field(default_factory=FlowRows)


async def overview(database: Database, now: datetime) -> Overview:
    """Count the record.

    Args:
        database: Where it is.
        now: The moment that "abandoned" is reckoned from.

    Raises:
        SQLAlchemyError: The database is away.
    """
    dialect = database.dialect
    async with database.connect() as connection:
        arrivals = await read_rows(connection, queries.arrivals(dialect, now))
        count = _Counts(connection, dialect, arrivals)
        return Overview(
            at=now,
            participants=people_of(arrivals),
            withdrawn=await connection.scalar(select(func.count()).select_from(schema.withdrawals)) or 0,
            arrivals=arrivals,
            days=await count.of(queries.days),
            runs=await count.of(queries.runs),
            calls=await count.of(queries.calls),
            connections=await count.of(queries.connections),
            files=(await read_rows(connection, queries.stored_files()))[0],
            database_bytes=int(await connection.scalar(text(queries.SIZE[dialect])) or 0),
            backup=next(iter(await read_rows(connection, queries.newest_backup())), None),
            refusals=await refusals(connection, now),
            intents=await count.of(queries.intents),
            flow=await flow_rows(connection, dialect),
        )


class _Counts:
    """Counts rows, and says of each whether it is of simulated participants.

    Who is behind a row is told by its participant; to ask that of each row would take half as long again as
    to count them. So all are counted, then those of the kind that is rarer: the rest is of the other.
    """

    def __init__(self, connection: AsyncConnection, dialect: str, arrivals: list[Row]) -> None:
        self._connection, self._dialect = connection, dialect
        people = people_of(arrivals)
        self._imported = sum(row["participants"] for row in arrivals if row["source"] == IMPORTED)
        simulated, others = people["simulated"], people["entered"] - people["simulated"] - self._imported
        self._rare = simulated <= others
        self._both = bool(simulated and others)

    async def of(self, statement: Callable[[str, queries.Whose], Executable]) -> list[Row]:
        every = await read_rows(self._connection, statement(self._dialect, None))
        imported, rare = [], []
        if self._imported:
            imported = await read_rows(self._connection, statement(self._dialect, "import"))
            every = without(every, imported)
        if self._both:
            rare = await read_rows(self._connection, statement(self._dialect, self._rare))
        rest = without(every, rare)
        marked = [
            row | {"simulated": int(kind)}
            for rows, kind in ((rest, not self._rare), (rare, self._rare))
            for row in rows
        ]
        return marked + [row | {"simulated": 0, "imported": 1} for row in imported]


# Of the counted rows: what is added up. All else says what a row is of.
_SUMS: Final = frozenset(
    {"threads", "messages", "deleted", "ended", "participants", "runs", "connections"}
    | {"intents", "turns", "seconds"}
    | {"calls", "failed", "input_tokens", "output_tokens", "cost", "priced"}
)


def without(every: list[Row], some: list[Row]) -> list[Row]:
    """Sums less some of their parts; what is nothing then is left out."""
    if not every:
        return []
    sums = [name for name in every[0] if name in _SUMS]
    of = itemgetter(*(name for name in every[0] if name not in _SUMS))
    parts, rest = {of(row): row for row in some}, []
    for row in every:
        if part := parts.get(of(row)):
            # What was written between the two counts may make it less than nothing.
            row = row | {name: max((row[name] or 0) - (part[name] or 0), 0) for name in sums}
            if row.get("priced") == 0:
                row["cost"] = None  # a sum of no price is no price
        if any(row[name] for name in sums):
            rest.append(row)
    return rest


def people_of(arrivals: list[Row]) -> Row:
    """How many participants came how far, of rows of `Overview.arrivals`."""
    steps = ("began", "exchanged", "finished", "abandoned")
    simulated = [row["participants"] for row in arrivals if row["source"] == SIMULATED]
    entered = sum(row["participants"] for row in arrivals)
    return {"entered": entered, "simulated": sum(simulated)} | {
        step: sum(row[step] for row in arrivals) for step in steps
    }


async def active_now(database: Database, now: datetime) -> Row:
    """Who is active now: participants and threads. An index answers: it may be asked each time.

    Raises:
        SQLAlchemyError: The database is away.
    """
    async with database.connect() as connection:
        return (await read_rows(connection, queries.active(now)))[0]
