"""That a study has ended, or was opened again, told to all pages of this process."""

import asyncio
from collections.abc import Callable, Iterable

import structlog

from data_layer.governance.study_controls import LOOK_AGAIN, StudyControls
from page.chat.thread_news import Listener, pages_here
from study.vocabulary import StudyState
from web.socket_events import ToPage

log = structlog.get_logger(__name__)


class StudyNews:
    """Tells it where this process has changed it at once, where another has within seconds.

    Args:
        controls: Asked again and again.
        pages: Those that are told.
    """

    def __init__(self, controls: StudyControls, pages: Callable[[], Iterable[Listener]] = pages_here) -> None:
        self._controls = controls
        self._pages = pages
        self._told = StudyState.OPEN
        self._changed = asyncio.Event()
        controls.listeners.append(lambda _state: self._changed.set())

    async def tell_forever(self) -> None:
        """Look, and tell what is new; a page that connects is told by the guard."""
        while True:
            await self.look()
            self._changed.clear()
            try:
                await asyncio.wait_for(self._changed.wait(), LOOK_AGAIN.total_seconds())
            except TimeoutError:
                continue

    async def look(self) -> None:
        """Look once."""
        state = await self._controls.look()
        if state is self._told:
            return
        self._told = state
        log.info("study_state_told", state=state.value)
        for page in self._pages():
            if page.user is not None:
                await page.emit(ToPage.STUDY_STATE, {"state": state.value})
