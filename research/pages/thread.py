"""One thread: as the participant saw it, with what lay behind."""

import asyncio
from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from data_layer.review.thread import WholeThread, read_whole
from data_layer.threads import thread_row
from data_layer.writes import ReturnThread, Row
from research.doors import Doors, Visit
from research.selection import Selection, selection_of
from research.story import attached_elsewhere, story_of
from research.strip import strip_of
from study.errors import WriteRefused
from study.roles import Right

_NOT_HERE: Final = "There is no such thread."


def routes(doors: Doors) -> list[BaseRoute]:
    """A thread, and its coming back."""
    return [
        doors.route("/threads/{thread_id}", _show, Right.READ),
        doors.route("/threads/{thread_id}/restore", _restore, Right.RESTORE, ("POST",)),
    ]


async def _show(visit: Visit) -> Response:
    thread_id = visit.path("thread_id")
    may_read = await visit.may_read(thread_id)
    whole = await read_whole(visit.room.record.database, thread_id) if may_read else None
    if whole is None:
        return visit.not_found(_NOT_HERE)
    selection = await selection_of(visit, whole.thread)
    search = {"q": selection.search} if selection and selection.search else {}
    await visit.note("thread_read", thread_id, **search)
    # Drawing hundreds of messages is work: nobody's reply waits for it.
    return await asyncio.to_thread(_drawn, visit, whole, selection)


def _drawn(visit: Visit, whole: WholeThread, selection: Selection | None) -> Response:
    entries = story_of(whole)
    return visit.draw(
        "thread.html",
        thread=whole.thread,
        entries=entries,
        elsewhere=attached_elsewhere(whole),
        selection=selection,
        marks=strip_of(entries),
        slowest=max((run["latency_ms"] or 0 for run in whole.runs), default=0),
        can_be_restored=visit.may(Right.RESTORE) and _is_its_participants(whole.thread),
        kind_of=lambda entry: type(entry).__name__,
    )


async def _restore(visit: Visit) -> Response:
    thread_id, record = visit.path("thread_id"), visit.room.record
    thread = await thread_row(record.database, thread_id) if await visit.may_read(thread_id) else None
    if thread is None:
        return visit.not_found(_NOT_HERE)
    if thread["deleted_at"] is not None:
        await visit.note("thread_restored", thread_id)
        write = ReturnThread(thread_id, record.now(), visit.researcher.researcher_id)
        outcome = await record.writer.submit(write)
        if outcome.refused:
            raise WriteRefused(outcome.refused)
    return visit.moved(f"/research/threads/{thread_id}")


def _is_its_participants(thread: Row) -> bool:
    """Whether its own participant deleted it: nothing else is a researcher's to undo."""
    return thread["deleted_by"] is not None and thread["deleted_by"] == thread["participant_id"]
