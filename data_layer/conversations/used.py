"""What a thread, or a participant in all threads, has used: counted from what is kept."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, bindparam, func, select, union_all
from sqlalchemy.engine import Connection

from data_layer.database import schema
from study.vocabulary import StepType

_threads, _steps, _calls = schema.threads, schema.steps, schema.llm_calls


@dataclass(frozen=True, slots=True)
class Used:
    """What was used.

    Args:
        messages: The participant's, those that have left the screen too.
        tokens: Sent and received in calls that have ended.
        cost: Of those whose price is known.
        began_at: When the first thread began; None before the first message.
    """

    messages: int
    tokens: int
    cost: float
    began_at: datetime | None


def used_by(
    connection: Connection, *, thread_id: str | None = None, participant_id: str | None = None
) -> Used:
    """Count.

    Args:
        connection: To the database.
        thread_id: One thread; or
        participant_id: all threads of a participant, those that have left their list too.
    """
    said, asked, began, of = _IN_THREAD if thread_id is not None else _BY_PARTICIPANT
    given = {of: thread_id if thread_id is not None else participant_id}
    tokens, cost = connection.execute(asked, given).one()
    return Used(
        messages=connection.scalar(said, given) or 0,
        tokens=int(tokens or 0),
        cost=float(cost or 0),
        began_at=connection.scalar(began, given),
    )


def owner_of(connection: Connection, thread_id: str) -> str:
    """Whose thread it is; "" while it is nobody's."""
    query = select(_threads.c.participant_id).where(_threads.c.thread_id == thread_id)
    return connection.scalar(query) or ""


def rank_of(connection: Connection, seq: int, *, thread_id: str | None, participant_id: str | None) -> int:
    """The how manieth of the participant's messages one is, in its thread or in all of theirs.

    Args:
        connection: To the database.
        seq: The message's order.
        thread_id: As in used_by.
        participant_id: As in used_by.
    """
    said, _, _, of = _IN_THREAD if thread_id is not None else _BY_PARTICIPANT
    query = said.where(_steps.c.seq <= seq)
    return connection.scalar(query, {of: thread_id if thread_id is not None else participant_id}) or 0


def _questions(thread: Any, of: str) -> tuple[Select[Any], Select[Any], Select[Any], str]:
    said = select(func.count()).where(thread(_steps), _steps.c.type == StepType.USER_MESSAGE.value)
    tokens = func.coalesce(_calls.c.gen_ai_usage_input_tokens, 0) + func.coalesce(
        _calls.c.gen_ai_usage_output_tokens, 0
    )
    asked = select(func.sum(tokens), func.sum(_calls.c.cost)).where(thread(_calls))
    return said, asked, select(func.min(_threads.c.created_at)).where(thread(_threads)), of


# In two halves, each of which has an index of its own.
_THEIRS: Final = union_all(
    *(
        select(_threads.c.thread_id).where(_threads.c.participant_id == bindparam("participant"), half)
        for half in (_threads.c.deleted_at.is_(None), _threads.c.deleted_at.is_not(None))
    )
)
# Built once: with limits every message asks them.
_IN_THREAD: Final = _questions(lambda table: table.c.thread_id == bindparam("thread"), "thread")
_BY_PARTICIPANT: Final = _questions(lambda table: table.c.thread_id.in_(_THEIRS), "participant")
