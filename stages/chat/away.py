"""What the chat stage does when the database does not answer."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import asyncpg
import structlog
from sqlalchemy.exc import SQLAlchemyError

from stages.screen import Screen

log = structlog.get_logger(__name__)

# A connection that cannot be made is the system's error, or the driver's own.
AWAY: Final = (SQLAlchemyError, OSError, asyncpg.PostgresError)


@asynccontextmanager
async def unless_away(screen: Screen) -> AsyncIterator[None]:
    """Tell the participant when a thread cannot be read; nothing has been changed then."""
    try:
        yield
    except AWAY as error:
        log.error("thread_unreadable", error_type=type(error).__name__)
        await screen.say(screen.strings("chat.not_now"))
