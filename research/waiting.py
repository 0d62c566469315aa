"""Work that is worth doing only while somebody waits for it."""

import asyncio
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

from starlette.requests import Request

from research.doors import Refused

T = TypeVar("T")

_ASK_EVERY_S: Final = 0.5


async def while_there(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """Do something for a page that somebody waits for; end it when they have gone elsewhere.

    Args:
        request: Theirs, its body read.
        work: Ends cleanly when it is cancelled.

    Raises:
        Refused: They have gone: nobody reads this answer.
    """
    doing = asyncio.create_task(work)
    gone = asyncio.create_task(_gone(request))
    try:
        await asyncio.wait({doing, gone}, return_when=asyncio.FIRST_COMPLETED)
        if doing.done():
            return doing.result()
        raise Refused(499, "Nobody waits for it any more.")
    finally:
        gone.cancel()
        doing.cancel()
        await asyncio.wait({doing, gone})


async def _gone(request: Request) -> None:
    """Return once they have: a browser that leaves a page closes what it asked for."""
    while not await request.is_disconnected():  # noqa: ASYNC110  # Starlette has no event for it
        await asyncio.sleep(_ASK_EVERY_S)
