"""Reading the intents of threads that stand on the screen."""

from datetime import datetime
from typing import Final

from sqlalchemy import Connection, bindparam, exists, func, select

from data_layer.database import schema
from data_layer.database.engine import Database
from data_layer.database.rows import Row, rows_of
from study.intents import OFFERED_AFTER, IntentMove, IntentState
from study.vocabulary import Status, StepType

_intents, _threads, _runs = schema.intents, schema.threads, schema.runs
_moves, _steps = schema.intent_moves, schema.steps
# Built once: each turn of an agent that keeps intents asks it.
_STANDING: Final = (
    select(_intents)
    .where(_intents.c.thread_id == bindparam("thread"), _intents.c.deleted_at.is_(None))
    .order_by(_intents.c.seq)
)
_ANSWERED_NOW: Final = exists().where(
    _runs.c.thread_id == _intents.c.thread_id, _runs.c.status == Status.STREAMING.value
)

# The message that was there last when something moved: what no reply has moved stands behind it.
_BEFORE: Final = (
    select(_steps.c.step_id)
    .where(_steps.c.thread_id == _moves.c.thread_id, _steps.c.deleted_at.is_(None))
    .where(_steps.c.type == StepType.USER_MESSAGE.value, _steps.c.seq < _moves.c.seq)
    .order_by(_steps.c.seq.desc())
    .limit(1)
    .scalar_subquery()
)
_ENDING: Final = (IntentMove.COMPLETED.value, IntentMove.ABANDONED.value)
_ENDS: Final = (
    select(_moves.c.intent_id, func.coalesce(_moves.c.message_id, _BEFORE).label("message_id"))
    .where(_moves.c.thread_id == bindparam("thread"), _moves.c.deleted_at.is_(None))
    .where(_moves.c.move.in_(_ENDING))
    .order_by(_moves.c.seq)
)
_MOVES: Final = (
    select(
        *(_moves.c[name] for name in ("intent_id", "move", "state", "timestamp")),
        func.coalesce(_moves.c.message_id, _BEFORE).label("message_id"),
    )
    .where(_moves.c.thread_id == bindparam("thread"), _moves.c.deleted_at.is_(None))
    .order_by(_moves.c.seq)
)
_EVER: Final = select(_intents.c.intent_id).where(_intents.c.thread_id == bindparam("thread")).limit(1)
# More than a page shows of a conversation at once.
_MOST_SHOWN: Final = 200


def of_thread(connection: Connection, thread_id: str) -> list[Row]:
    """The intents of a thread that stand, oldest first."""
    return rows_of(connection, _STANDING, {"thread": thread_id})


async def standing(database: Database, thread_id: str) -> list[Row]:
    """As of_thread, on a connection of its own."""
    return await database.read(lambda connection: of_thread(connection, thread_id))


async def shown(database: Database, thread_id: str) -> list[Row] | None:
    """What the page of a thread's participant may know of its intents, oldest first.

    Returns:
        Of each `id`, `title` and `state`; `from`, the message that it began with, and `to`, the last one
        before it ended; `offered`, whether they are asked to go on with it. Nothing that was found out in it.
        None where the thread never had one.
    """
    return await database.read(lambda connection: _shown(connection, thread_id))


def _shown(connection: Connection, thread_id: str) -> list[Row] | None:
    if connection.scalar(_EVER, {"thread": thread_id}) is None:
        return None
    ends = {row["intent_id"]: row["message_id"] for row in rows_of(connection, _ENDS, {"thread": thread_id})}
    standing = of_thread(connection, thread_id)
    return [
        {
            "id": row["intent_id"],
            "title": row["title"],
            "state": row["state"],
            "from": row["message_id"],
            "to": None if row["state"] == IntentState.ACTIVE else ends.get(row["intent_id"]),
            "offered": row is standing[-1] and _is_offered(row),
        }
        for row in standing[-_MOST_SHOWN:]
    ]


async def lines(database: Database, thread_id: str, until: datetime | None = None) -> list[Row]:
    """What a copy of a thread says of its intents, in the order in which it happened.

    Args:
        until: Only what had happened by then; all when None.

    Returns:
        Of each line `title`; `state`: "began", or the state that it ended in and has not left since; and
        `message_id`, the message that it began with, or the last one before it ended.
    """
    return await database.read(lambda connection: _lines(connection, thread_id, until))


def _lines(connection: Connection, thread_id: str, until: datetime | None) -> list[Row]:
    if connection.scalar(_EVER, {"thread": thread_id}) is None:
        return []
    known = {row["intent_id"]: row for row in of_thread(connection, thread_id)}
    ends: dict[str, Row] = {}
    began: dict[str, Row] = {}
    for move in rows_of(connection, _MOVES, {"thread": thread_id}):
        one = known.get(move["intent_id"])
        if one is None or (until is not None and move["timestamp"] > until):
            continue
        line = {"title": one["title"], "state": move["state"], "message_id": move["message_id"]}
        if move["move"] == IntentMove.BEGAN.value:
            began[move["intent_id"]] = line | {"state": "began", "message_id": one["message_id"]}
        elif move["state"] == IntentState.ACTIVE.value:
            ends.pop(move["intent_id"], None)
        elif move["move"] in _ENDING:
            ends[move["intent_id"]] = line
    return [*began.values(), *ends.values()]


def _is_offered(row: Row) -> bool:
    return bool(row["state"] == IntentState.ABANDONED and row["cause"] in OFFERED_AFTER)


async def left_idle(database: Database, since: datetime, most: int) -> list[Row]:
    """Intents under way whose participant has not written after a moment, longest ago first.

    Those in whose thread a reply is being given are none: nobody has left them.

    Args:
        since: The moment.
        most: How many at once.
    """
    query = (
        select(_intents.c.intent_id, _intents.c.thread_id)
        .join(_threads, _threads.c.thread_id == _intents.c.thread_id)
        .where(_intents.c.state == IntentState.ACTIVE.value, _intents.c.last_activity_at <= since)
        .where(_intents.c.deleted_at.is_(None), _threads.c.last_activity_at <= since)
        .where(~_ANSWERED_NOW)
        .order_by(_intents.c.last_activity_at, _intents.c.intent_id)
        .limit(most)
    )
    return await database.read(lambda connection: rows_of(connection, query, {}))
