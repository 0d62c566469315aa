"""A message that came to another process, alone or as well: the one that kept it first answers it."""

import asyncio
from typing import Final

from data_layer.conversations import threads
from data_layer.database.rows import Row
from data_layer.record import Record
from stages.chat.away import AWAY
from stages.chat.history import LastSpoken

# While the other has not begun to answer it may still end: then it is answered here.
_LOOKS: Final = 80
_BETWEEN_S: Final = 0.25


async def is_with_another(record: Record, message: Row) -> bool:
    """Whether another process that lives has kept a message before this one did, and sees to its answer.

    Args:
        record: Where it is kept.
        message: The participant's message, as its row stands.
    """
    try:
        for _ in range(_LOOKS):
            if not await record.processes.writes_still(message["seq"]):
                return False
            if await _is_answered(record, message):
                return True
            await asyncio.sleep(_BETWEEN_S)
    except AWAY:
        return False  # Answering asks the database next, and says that it is away.
    return True


async def is_answered_elsewhere(record: Record, last: LastSpoken) -> bool:
    """Whether another process answers a message, or has just kept it and is about to; none does on SQLite.

    Args:
        record: Where it is kept.
        last: What became of it so far.
    """
    if not record.hints.heard:
        return False
    if last.is_being_answered:
        return True
    since = record.now() - last.message["created_at"]
    if last.runs or since.total_seconds() > _LOOKS * _BETWEEN_S:
        return False
    return await record.processes.writes_still(last.message["seq"])


async def _is_answered(record: Record, message: Row) -> bool:
    return bool(
        await record.database.read(lambda connection: threads.runs_of_message(connection, message["step_id"]))
    )
