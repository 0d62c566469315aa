"""What a write does to decisions of tools, and to what they keep.

At once, and not with the batch's other rows: of two processes that take one decision the second hears it.
"""

from typing import Any, Final

from sqlalchemy import and_, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from data_layer.database import schema
from data_layer.database.rows import Row, rows_of
from data_layer.writing.tool_writes import BeginTool, EndTool, PutToolRecord
from study.text import storable, storable_json

BEGUN: Final = "begun"
ENDED: Final = "ended"
_decisions: Final = schema.tool_decisions
_records: Final = schema.tool_records


def begin_tool(connection: Connection, write: BeginTool) -> Row:
    """Take a decision.

    Returns:
        Its row: with the write's run where it was taken.
    """
    fresh: Row = {
        "run_id": write.run_id,
        "state": BEGUN,
        "is_error": False,
        "undone": False,
        "began_at": write.at,
    }
    row = fresh | {
        "key": write.key,
        "thread_id": write.thread_id,
        "participant_id": write.by,
        "tool": storable(write.tool),
        "arguments": storable(write.arguments),
        "tries": 1,
    }
    insert = _insert_into(connection, _decisions).values(row).on_conflict_do_nothing()
    if connection.execute(insert).rowcount != 1:
        ended = _decisions.c.state == ENDED
        free = and_(ended, _decisions.c.undone)
        if write.again:
            free = or_(free, _decisions.c.state == BEGUN, and_(ended, _decisions.c.is_error))
        emptied = dict.fromkeys(("output", "error_type", "sentence", "ended_at"))
        take = update(_decisions).where(_decisions.c.key == write.key, free)
        connection.execute(take.values(fresh | emptied | {"tries": _decisions.c.tries + 1}))
    return rows_of(connection, select(_decisions).where(_decisions.c.key == write.key))[0]


def end_tool(connection: Connection, write: EndTool) -> None:
    """Say what came of a decision."""
    theirs = and_(_decisions.c.key == write.key, _decisions.c.run_id == write.run_id)
    ended = storable_json(write.changes) | {"state": ENDED, "ended_at": write.at}
    connection.execute(update(_decisions).where(theirs, _decisions.c.state == BEGUN).values(ended))


def put_record(connection: Connection, write: PutToolRecord) -> None:
    """Keep a value."""
    row = {
        "thread_id": write.thread_id,
        "key": write.key,
        "participant_id": write.by,
        "value": storable_json(write.value),
        "updated_at": write.at,
    }
    statement = _insert_into(connection, _records).values(row)
    changes = {name: statement.excluded[name] for name in ("participant_id", "value", "updated_at")}
    connection.execute(statement.on_conflict_do_update(index_elements=["thread_id", "key"], set_=changes))


def _insert_into(connection: Connection, table: Any) -> Any:
    return sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)
