"""What tools were called with in a thread, and what they answered."""

from typing import Final

from sqlalchemy import bindparam, select

from data_layer.database import schema
from data_layer.database.engine import Database
from data_layer.database.rows import Row, rows_of
from study.vocabulary import Status, StepType

_steps = schema.steps
# Built once: each reply of an agent that reckons where it stands asks it.
_CALLED: Final = (
    select(_steps.c.name, _steps.c.input, _steps.c.output, _steps.c.is_error, _steps.c.intent_id)
    .where(_steps.c.thread_id == bindparam("thread"), _steps.c.deleted_at.is_(None))
    .where(_steps.c.type == StepType.TOOL.value, _steps.c.status == Status.COMPLETE.value)
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
        name, input, output, is_error and intent_id of each.
    """
    given = {"thread": thread_id, "turn": before_turn}
    return await database.read(lambda connection: rows_of(connection, _CALLED, given))
