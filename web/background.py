"""Work beside an answer: what goes on after it, and what is worth doing only while somebody waits for it."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Final, TypeAlias, TypeVar

import structlog
from starlette.requests import Request

from web.problem import HttpProblem

log = structlog.get_logger(__name__)

T = TypeVar("T")
Work: TypeAlias = Callable[[], Coroutine[Any, Any, None]]

_ASK_EVERY_S: Final = 0.5
# The loop itself holds tasks only weakly.
_tasks: Final[set[asyncio.Task[Any]]] = set()


def later(work: Coroutine[Any, Any, object]) -> None:
    """Do something once what is being done has let go of the loop; it is held until it is done.

    Args:
        work: Sees to its own failures: nobody waits for it.
    """
    task = asyncio.get_running_loop().create_task(work)
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)


class Background:
    """What runs for as long as the server does. Each sees to the failures that it expects; after another it
    is begun anew, for nobody would miss it who does not need it just then.

    Args:
        again_s: Seconds between a failure and the next beginning.
        let_go_s: How long what is ended may take to end.
    """

    def __init__(self, again_s: float = 5.0, let_go_s: float = 3.0) -> None:
        self._again_s = again_s
        self._let_go_s = let_go_s
        self._running: list[asyncio.Task[None]] = []

    def begin(self, works: Sequence[Work]) -> None:
        """Begin each."""
        self._running.extend(asyncio.create_task(self._keep_up(work)) for work in works)

    async def end(self) -> None:
        """End all; what does not is left behind, for others wait to be ended as well."""
        for task in self._running:
            task.cancel()
        if self._running:
            _, hanging = await asyncio.wait(self._running, timeout=self._let_go_s)
            if hanging:
                log.warning("background_left_behind", tasks=len(hanging))
        self._running.clear()

    async def _keep_up(self, work: Work) -> None:
        while True:
            doing = work()
            try:
                await doing
                return
            except Exception as error:  # Whatever it is: a study's end is told by such work, files are swept.
                name = getattr(doing, "__qualname__", "")
                log.exception("background_failed", work=name, error_type=type(error).__name__)
            await asyncio.sleep(self._again_s)


async def while_there(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """Do something for a page that somebody waits for; end it when they have gone elsewhere.

    Args:
        request: Theirs, its body read.
        work: Ends cleanly when it is cancelled.

    Raises:
        HttpProblem: They have gone: nobody reads this answer.
    """
    doing = asyncio.create_task(work)
    gone = asyncio.create_task(_gone(request))
    try:
        await asyncio.wait({doing, gone}, return_when=asyncio.FIRST_COMPLETED)
        if doing.done():
            return doing.result()
        raise HttpProblem(499, "Nobody waits for it any more.")
    finally:
        gone.cancel()
        doing.cancel()
        await asyncio.wait({doing, gone})


async def _gone(request: Request) -> None:
    """Return once they have: a browser that leaves a page closes what it asked for."""
    while not await request.is_disconnected():  # noqa: ASYNC110  # Starlette has no event for it
        await asyncio.sleep(_ASK_EVERY_S)
