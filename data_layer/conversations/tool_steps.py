"""What tools were called with in a thread, and what they answered."""

from collections import Counter
from typing import Final

from sqlalchemy import Connection, bindparam, func, select

from data_layer.database import schema
from data_layer.database.engine import Database
from data_layer.database.rows import Row, rows_of
from study.vocabulary import Status, StepType

_steps = schema.steps
_asked = schema.llm_calls
_decided = schema.tool_decisions
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
        *(
            _steps.c[name]
            for name in ("run_id", "name", "input", "output", "is_error", "intent_id", "turn", "status")
        ),
        _ROUND.label("round"),
    )
    .where(_steps.c.thread_id == bindparam("thread"), _steps.c.deleted_at.is_(None))
    .where(_steps.c.type == StepType.TOOL.value, _steps.c.status != Status.STREAMING.value)
    .where(_steps.c.turn < bindparam("turn"))
    .order_by(_steps.c.seq)
)


# What came of those that a Stop, or the server's end, took away from their replies.
_DECIDED: Final = select(
    *(_decided.c[name] for name in ("run_id", "tool", "arguments", "output", "is_error"))
).where(_decided.c.thread_id == bindparam("thread"), _decided.c.state == "ended", _decided.c.output != "")


async def tool_calls(database: Database, thread_id: str, before_turn: int) -> list[Row]:
    """The calls of a thread's earlier turns that still stand, in order.

    One that was broken off, and came to its end all the same, has that result: a Stop ends a reply, and never
    what acts.

    Args:
        database: Where.
        thread_id: The thread.
        before_turn: The turn that is answered now.

    Returns:
        run_id, name, input, output, is_error, intent_id, turn, status and round of each.
    """
    given = {"thread": thread_id, "turn": before_turn}

    def read(connection: Connection) -> list[Row]:
        calls = rows_of(connection, _CALLED, given)
        if any(call["status"] != Status.COMPLETE for call in calls):
            _complete(calls, rows_of(connection, _DECIDED, {"thread": thread_id}))
        return calls

    return await database.read(read)


def _complete(calls: list[Row], decided: list[Row]) -> None:
    """Give calls that were broken off their results, where it is certain which is whose."""
    same = Counter((call["run_id"], call["name"], call["input"]) for call in calls)
    results = {(one["run_id"], one["tool"], one["arguments"]): one for one in decided}
    for call in calls:
        key = (call["run_id"], call["name"], call["input"])
        if call["status"] != Status.COMPLETE and key in results and same[key] == 1:
            call["output"], call["is_error"] = results[key]["output"], results[key]["is_error"]
            call["status"] = Status.COMPLETE.value
