"""A thread that is watched: drawn anew for its reader whenever something has happened in it."""

import asyncio
import time
from collections.abc import AsyncGenerator
from datetime import datetime, timedelta
from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from data_layer.record import Record
from data_layer.review.thread import WholeThread
from data_layer.review.version_token import Mark, mark_of
from research.coding.annotations import marks_for
from research.coding.marks import ThreadMarks
from research.coding.progress import OwnTask, own_task
from research.routing import ResearchRequest, ResearchRoutes
from research.thread.page import read_asked, told_thread
from study.roles import Right
from web.sse import Poller, event, pause_after

EVERY_S: Final = 1.0
# A stream that breaks off and comes back goes on: it is one watching, and one line of the audit log.
NOTED_FOR: Final = timedelta(hours=1)
_BEGINS: Final = '<article class="thread"'
_ENDS: Final = "</article>"


def routes(doors: ResearchRoutes) -> list[BaseRoute]:
    """The stream of a thread."""
    watching = _Watching(doors.room.record)
    return [doors.route("/threads/{thread_id}/stream", watching.stream, Right.READ)]


class _Watching:
    def __init__(self, record: Record) -> None:
        self._record = record
        self._lookouts: dict[str, Poller[Mark]] = {}
        self._noted: dict[tuple[str, str], datetime] = {}

    async def stream(self, visit: ResearchRequest) -> Response:
        thread_id = visit.path("thread_id")
        mark = await mark_of(self._record.read_database, thread_id) if await visit.may_read(thread_id) else ()
        if not any(mark):
            return visit.not_found("There is no such thread.")
        if visit.request.method != "HEAD":
            await self._note(visit, thread_id)
        return visit.streamed(self._told(visit, thread_id), Right.READ, thread_id)

    async def _note(self, visit: ResearchRequest, thread_id: str) -> None:
        now = self._record.now()
        self._noted = {who: at for who, at in self._noted.items() if now - at < NOTED_FOR}
        who = (visit.session.session_id, thread_id)
        if who not in self._noted:
            await visit.note("thread_watched", thread_id)
            self._noted[who] = now

    async def _told(self, visit: ResearchRequest, thread_id: str) -> AsyncGenerator[str, None]:
        """The thread as its page draws it, at first and at each change; a long one more seldom."""
        lookout = self._lookout_of(thread_id)
        async with lookout.watched():
            known: Mark | None = None
            before = ""
            while True:
                known = await lookout.news(known)
                whole, parts = await read_asked(visit)
                if whole is None:
                    return
                coding = await marks_for(visit, whole.thread)
                own = await own_task(visit, whole.thread)
                drawn, spent_s = await asyncio.to_thread(_article, visit, whole, coding, parts, own)
                if drawn != before:
                    before = drawn
                    yield event("thread", {"html": drawn})
                await asyncio.sleep(pause_after(spent_s))

    def _lookout_of(self, thread_id: str) -> Poller[Mark]:
        """One for all who watch the same thread."""
        self._lookouts = {name: one for name, one in self._lookouts.items() if one.is_looking}
        if thread_id not in self._lookouts:

            async def look(_before: Mark | None) -> Mark:
                return await mark_of(self._record.read_database, thread_id)

            self._lookouts[thread_id] = Poller(look, EVERY_S)
        return self._lookouts[thread_id]


def _article(
    visit: ResearchRequest, whole: WholeThread, coding: ThreadMarks, parts: int, own: OwnTask | None
) -> tuple[str, float]:
    """The article of a thread's page, and the seconds of work that it took."""
    began = time.thread_time()
    told = told_thread(visit, whole, None, coding, parts, own)
    page = bytes(visit.draw("thread.html", **told).body).decode()
    return page[page.index(_BEGINS) : page.rindex(_ENDS) + len(_ENDS)], time.thread_time() - began
