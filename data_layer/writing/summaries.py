"""What a thread says of its messages: how many there are, and how the last one begins and ends.

Derived in the message's own transaction, so that it can never drift. A preview begins between two graphemes,
and no database knows where one begins: it is cut here.
"""

from collections.abc import Sequence
from typing import Any, Final

import regex
from sqlalchemy import ColumnElement, FromClause, Select, and_, case, func, or_, select
from sqlalchemy.engine import Connection

from data_layer.database import schema
from data_layer.database.rows import Row
from data_layer.database.text import OPENING_LENGTH, PREVIEW_LENGTH
from data_layer.writing.prepared import Ids, RowsByIds, rows_where
from data_layer.writing.statements import Statements
from study.text import ending
from study.vocabulary import MESSAGE_TYPES, StepType

# Characters of a message that are read before its preview, to see where that may begin.
_BEFORE: Final = 256
_ANY_LENGTH: Final = 2**31 - 1
_READ: Final = PREVIEW_LENGTH + _BEFORE
# Flags stand in pairs of letters: where all that was read is a row of them, a pair is known from its first.
_FLAGS: Final = regex.compile(r"\p{Regional_Indicator}+")
# What a message may begin with and nobody sees.
_SPACES: Final = " \t\r\n"
_EMPTY: Final[Row] = {"message_count": 0, "turn_count": 0, "preview": "", "opening": ""}


def refresh_threads(connection: Connection, sql: Statements, thread_ids: Sequence[str]) -> None:
    """Let threads say what stands in them.

    Args:
        connection: In the transaction that has changed their messages.
        sql: Of its dialect.
        thread_ids: The threads, sorted.
    """
    if connection.dialect.name == "postgresql":
        # Whoever changes the same thread beside this waits here, and then sees what this has written.
        _LOCKED.rows(connection, thread_ids)
    found = {row.pop("thread_id"): row for row in _LAST.rows(connection, thread_ids)}
    for thread_id, row in found.items():
        row["preview"] = _preview(connection, thread_id, row.pop("words"))
    rows = [{"b_thread_id": one} | found.get(one, _EMPTY) for one in thread_ids]
    sql.put_summary.execute(connection, rows)


def _preview(connection: Connection, thread_id: str, words: str) -> str:
    """The end of a message, of which as much is known as _LAST reads."""
    if len(words) == _READ and _FLAGS.fullmatch(words[:_BEFORE]):
        [row] = _WHOLE.rows(connection, [thread_id])
        words = row["words"]
    return ending(words, PREVIEW_LENGTH)


def _last_of(ids: Ids, read: int) -> Select[Any]:
    """Of threads, the number of their living messages and of the participant's, and the last one's words.

    Args:
        ids: The threads'.
        read: Characters of the last message's end.
    """
    steps, last = schema.steps, schema.steps.alias("last")
    counted = (
        select(
            steps.c.thread_id,
            func.count().label("message_count"),
            func.count(case((steps.c.type == StepType.USER_MESSAGE.value, 1))).label("turn_count"),
            func.max(steps.c.seq).label("seq"),
        )
        .where(steps.c.thread_id.in_(ids), _is_living(steps))
        .group_by(steps.c.thread_id)
        .subquery("counted")
    )
    is_last = and_(last.c.thread_id == counted.c.thread_id, last.c.seq == counted.c.seq, _is_living(last))
    whole, length = last.c.output, func.length(last.c.output)
    end = func.substr(whole, case((length > read, length - read + 1), else_=1))
    return select(
        *(counted.c[name] for name in ("thread_id", "message_count", "turn_count")),
        # The list would have to read the beginning of a message for each of its rows.
        func.substr(func.ltrim(whole, _SPACES), 1, OPENING_LENGTH).label("opening"),
        end.label("words"),
    ).join_from(counted, last, is_last)


def _is_living(table: FromClause) -> ColumnElement[bool]:
    """A message that stands. They are counted without reading their texts (ix_steps_living)."""
    # An IN list cannot be used for many rows at once.
    is_message = or_(*(table.c.type == kind.value for kind in MESSAGE_TYPES))
    return and_(table.c.deleted_at.is_(None), is_message)


_LAST: Final = RowsByIds(lambda ids: _last_of(ids, _READ))
_WHOLE: Final = RowsByIds(lambda ids: _last_of(ids, _ANY_LENGTH))
_id = schema.threads.c.thread_id
_LOCKED: Final = rows_where(select(_id).order_by(_id).with_for_update(), _id)
