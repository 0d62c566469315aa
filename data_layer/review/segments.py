"""Where a long thread is cut into pieces for a researcher: no page holds thousands of messages unasked."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select

from data_layer.database import schema
from data_layer.database.engine import Database
from data_layer.database.ids import is_uuid
from study.numbers import whole_number
from study.vocabulary import MESSAGE_TYPES, StepType

# Messages of a piece. A thread that is a little longer stays in one.
SIZE: Final = 500
_SPARE: Final = 100
# A piece begins with a message of the participant's, when there is one so near.
_NEAR: Final = 50
_MESSAGES: Final = tuple(kind.value for kind in MESSAGE_TYPES)


@dataclass(frozen=True)
class SegmentPlace:
    """Where something stands in a thread, by order and by time."""

    seq: int
    at: datetime


@dataclass(frozen=True)
class Segment:
    """A piece of a thread.

    Args:
        number: From 1.
        since: Its first message; None at the thread's beginning: what came before it belongs to it.
        before: The first message of the next; None at the end.
    """

    number: int
    since: SegmentPlace | None
    before: SegmentPlace | None

    def covers(self, at: datetime) -> bool:
        """Whether a moment lies in it."""
        return (self.since is None or at >= self.since.at) and (self.before is None or at < self.before.at)


WHOLE: Final = Segment(1, None, None)


async def pieces_of(database: Database, thread_id: str) -> list[Segment]:
    """Cut a thread.

    Returns:
        Its pieces in order: one, where it is not long.

    Raises:
        SQLAlchemyError: The database is away.
    """
    steps = schema.steps
    query = (
        select(steps.c.seq, steps.c.type, steps.c.created_at)
        .where(steps.c.thread_id == thread_id, steps.c.type.in_(_MESSAGES))
        .order_by(steps.c.seq)
    )
    found = await database.read(lambda connection: connection.execute(query).all())
    if len(found) <= SIZE + _SPARE:
        return [WHOLE]
    cuts: list[SegmentPlace] = []
    for start in range(SIZE, len(found) - _SPARE, SIZE):
        near = found[start : start + _NEAR]
        row = next((one for one in near if one.type == StepType.USER_MESSAGE.value), near[0])
        cuts.append(SegmentPlace(row.seq, row.created_at))
    ends = zip([None, *cuts], [*cuts, None], strict=True)
    return [Segment(number, since, before) for number, (since, before) in enumerate(ends, 1)]


async def piece_with(database: Database, thread_id: str, pieces: list[Segment], name: str) -> Segment | None:
    """The piece in which a place is.

    Args:
        name: The id of a message or step, or "turn-" and a turn's number.

    Returns:
        None when there is no such place in the thread.

    Raises:
        SQLAlchemyError: The database is away.
    """
    steps = schema.steps
    query = select(steps.c.seq).where(steps.c.thread_id == thread_id)
    turn = name.removeprefix("turn-")
    if is_uuid(name):
        query = query.where(steps.c.step_id == name)
    elif turn != name and (number := whole_number(turn)) is not None:
        said = (steps.c.type == StepType.USER_MESSAGE.value) & steps.c.deleted_at.is_(None)
        query = query.where(said, steps.c.turn == number)
    else:
        return None
    async with database.connect() as connection:
        seq: int | None = await connection.scalar(query.limit(1))
    if seq is None:
        return None
    return next(one for one in reversed(pieces) if one.since is None or one.since.seq <= seq)
