"""The table `messages`: steps of the message types."""

from typing import Final

from sqlalchemy import or_

from data_layer.database import schema
from exports.columns.scope import Scope, with_thread
from exports.columns.sql import place_of
from exports.columns.table import LEAVING, ExportTable, Extract
from exports.tables.messages.columns import COLUMNS
from exports.tables.messages.values import last_call, parted
from study.vocabulary import MESSAGE_TYPES

steps, runs, calls = schema.steps, schema.runs, schema.llm_calls

# What is not the message's own: who had to do with it, what stands before it, and that it left.
_AROUND: Final = LEAVING | {
    "participant_id",
    "source",
    "parent_id",
    "intent_id",
    "is_current",
    "agent",
    "model",
    "prompt_hash",
    "llm_call_id",
    "prompt_tokens",
    "completion_tokens",
    "latency_ms",
    "ttft_ms",
    "finish_reason",
}


def extract(scope: Scope) -> Extract:
    """The messages of the chosen threads, in the order of their thread."""
    source = (
        with_thread(steps)
        .outerjoin(runs, runs.c.run_id == steps.c.run_id)
        .outerjoin(calls, place_of(calls.c.llm_call_id) == last_call())
    )
    if scope.options.include_deleted:
        source = source.outerjoin(parted, parted.c.run_id == steps.c.branch)
    return Extract(
        source=source,
        where=(
            or_(*(steps.c.type == kind.value for kind in MESSAGE_TYPES)),
            *scope.living(steps),
            *scope.threads(),
        ),
        order=(steps.c.thread_id, steps.c.seq),
        touched=(steps.c.version,),
        moved=(steps.c.deleted_at,),
        around=_AROUND,
        fixed=frozenset({"thread_id", "seq", "role", "timestamp"}),
        counted=with_thread(steps),
    )


TABLE = ExportTable(
    name="messages",
    description="What participants, agents and the app said; one row a message, in its last state.",
    columns=COLUMNS,
    key=("message_id",),
    extract=extract,
)
