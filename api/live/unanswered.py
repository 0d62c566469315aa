"""A message whose answer broke off, for a kill or an agent that failed: said to whoever comes back."""

import structlog

from api.turns import ApiTurns
from stages.chat.away import AWAY
from stages.chat.notices import LeftUnanswered

log = structlog.get_logger(__name__)


async def what_is_left(turns: ApiTurns, thread_id: str) -> LeftUnanswered | None:
    """The last message of a thread, when it has no answer; the first to come writes so under it."""
    try:
        return await turns.context.stage.left_unanswered(thread_id, turns.screen(thread_id))
    except AWAY as error:
        log.warning("thread_unreadable", error_type=type(error).__name__)
        return None
