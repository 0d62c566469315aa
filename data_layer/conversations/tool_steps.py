"""What tools were called with in a thread, and what they answered."""

from typing import Final

from sqlalchemy import bindparam, func, select

from data_layer.database import schema
from data_layer.database.engine import Database
from data_layer.database.rows import Row, rows_of
from study.vocabulary import Status, StepType

_steps = schema.steps
_asked = schema.llm_calls
# How often a model had been asked before: calls that it wanted at once have the same number.
_ROUND: Final = (
    select(func.count())
    .select_from(_asked)
    .where(_asked.c.thread_id == bindparam("thread"), _asked.c.seq < _steps.c.seq)
    .scalar_subquery()
)
# Built once: each reply of an agent that reckons where it stands asks it, and each of a model with tools.
_CALLED: Final = (
    select(
        *(_steps.c[name] for name in ("name", "input", "output", "is_error", "intent_id", "turn", "status")),
        _ROUND.label("round"),
    )
    .where(_steps.c.thread_id == bindparam("thread"), _steps.c.deleted_at.is_(None))
    .where(_steps.c.type == StepType.TOOL.value, _steps.c.status != Status.STREAMING.value)
    .where(_steps.c.turn < bindparam("turn"))
    .order_by(_steps.c.seq)
)


async def tool_calls(database: Database, thread_id: str, before_turn: int) -> list[Row]:
    """The calls of a thread's earlier turns that still stand, in order.

    Args:
        database: Where.
        thread_id: The thread.
        before_turn: The turn that is answered now.

    Returns:
        name, input, output, is_error, intent_id, turn, status and round of each.
    """
    given = {"thread": thread_id, "turn": before_turn}
    return await database.read(lambda connection: rows_of(connection, _CALLED, given))
