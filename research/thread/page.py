"""One thread: as the participant saw it, with what lay behind."""

import asyncio
from typing import Final
from urllib.parse import urlencode

from starlette.responses import Response
from starlette.routing import BaseRoute

from data_layer.conversations.threads import step_row, thread_row
from data_layer.database.rows import Row
from data_layer.review.segments import WHOLE, Segment, piece_with, pieces_of
from data_layer.review.thread import WholeThread, read_whole
from data_layer.writing.writes import ReturnMessage, ReturnThread
from research.coding.annotations import marks_for, undo_of
from research.coding.marks import ThreadMarks
from research.coding.progress import OwnTask, own_task
from research.routing import ResearchRequest, ResearchRoutes
from research.thread.entries import kind_of
from research.thread.story import attached_elsewhere, story_of
from research.thread.timeline import legend_of, strip_of
from research.threads.selection import Selection, selection_of
from study.errors import WriteRefused
from study.roles import Right
from study.vocabulary import ThreadState

_NOT_HERE: Final = "There is no such thread."


def routes(doors: ResearchRoutes) -> list[BaseRoute]:
    """A thread, and its coming back."""
    return [
        doors.route("/threads/{thread_id}", _show, Right.READ),
        doors.route("/threads/{thread_id}/restore", _restore, Right.RESTORE, ("POST",)),
        doors.route("/threads/{thread_id}/messages/{step_id}/restore", _return, Right.RESTORE, ("POST",)),
    ]


async def _show(visit: ResearchRequest) -> Response:
    thread_id = visit.path("thread_id")
    whole, parts = await read_asked(visit) if await visit.may_read(thread_id) else (None, 0)
    if whole is None:
        return visit.not_found(_NOT_HERE)
    selection = await selection_of(visit, whole.thread)
    search = {"q": selection.search} if selection and selection.search else {}
    await visit.note("thread_read", thread_id, **search)
    coding = await marks_for(visit, whole.thread)
    # Telling and drawing hundreds of messages is work: nobody's reply waits for it.
    own = await own_task(visit, whole.thread)
    told = await asyncio.to_thread(told_thread, visit, whole, selection, coding, parts, own)
    return visit.draw_growing("thread.html", **told)


async def read_asked(visit: ResearchRequest) -> tuple[WholeThread | None, int]:
    """Read the piece of a thread that an address asks for, and say how many pieces there are."""
    thread_id, database = visit.path("thread_id"), visit.room.record.read_database
    pieces = await pieces_of(database, thread_id)
    return await read_whole(database, thread_id, await _piece(visit, pieces)), len(pieces)


async def _piece(visit: ResearchRequest, pieces: list[Segment]) -> Segment:
    """What of a long thread is asked for: the piece with a place, one by its number, all, or the first.

    Whoever watches a thread is at its end.
    """
    if len(pieces) == 1 or visit.query("part") == "all":
        return WHOLE
    if at := visit.query("at"):
        found = await piece_with(visit.room.record.read_database, visit.path("thread_id"), pieces, at)
        return found or pieces[0]
    by_itself = pieces[-1] if visit.query("watch") else pieces[0]
    return next((one for one in pieces if str(one.number) == visit.query("part")), by_itself)


def told_thread(
    visit: ResearchRequest,
    whole: WholeThread,
    selection: Selection | None,
    coding: ThreadMarks,
    parts: int,
    own: OwnTask | None,
) -> Row:
    """What the template of a thread is drawn with: blocking work, for a thread of its own."""
    entries = story_of(whole)
    pager = Pager(visit, parts, whole.piece)
    return {
        "thread": whole.thread,
        "origin": whole.origin,
        "entries": entries,
        "elsewhere": attached_elsewhere(whole),
        "marks": strip_of(entries),
        "legend_of": legend_of,
        "selection": selection,
        "pager": pager,
        "place": pager.place,
        "watchable": whole.thread["state"] == ThreadState.ACTIVE.value and whole.piece.before is None,
        "slowest": max((run["latency_ms"] or 0 for run in whole.runs), default=0),
        "can_be_restored": visit.may(Right.RESTORE) and _is_its_participants(whole.thread),
        "coding": coding,
        "own": own,
        "undo": undo_of(visit) if coding.may else None,
        "kind_of": kind_of,
    }


class Pager:
    """The addresses of a long thread's pieces.

    Args:
        visit: Who reads.
        parts: How many pieces there are.
        piece: Which this is.
    """

    def __init__(self, visit: ResearchRequest, parts: int, piece: Segment) -> None:
        self.parts = parts
        self.is_all = parts > 1 and piece == WHOLE
        self.number = piece.number
        asked = visit.request.query_params.items()
        self._kept = {name: value for name, value in asked if name not in ("part", "at")}

    def part(self, number: int | str) -> str:
        """Of a piece."""
        return "?" + urlencode(self._kept | {"part": str(number)})

    def place(self, name: str, at: str | None = None) -> str:
        """Of a place: in a long thread it names the message by which its piece is found."""
        return f"#{name}" if self.parts == 1 else f"?at={at or name}#{name}"


async def _restore(visit: ResearchRequest) -> Response:
    thread_id, record = visit.path("thread_id"), visit.room.record
    thread = await thread_row(record.read_database, thread_id) if await visit.may_read(thread_id) else None
    if thread is None:
        return visit.not_found(_NOT_HERE)
    if thread["deleted_at"] is not None:
        await visit.note("thread_restored", thread_id)
        write = ReturnThread(thread_id, record.now(), visit.researcher.researcher_id)
        outcome = await record.writer.submit(write)
        if outcome.reason is not None:
            raise WriteRefused(outcome.reason, outcome.detail)
    return visit.moved(f"/research/threads/{thread_id}")


async def _return(visit: ResearchRequest) -> Response:
    thread_id, step_id, record = visit.path("thread_id"), visit.path("step_id"), visit.room.record
    step = await step_row(record.read_database, step_id) if await visit.may_read(thread_id) else None
    if step is None or step["thread_id"] != thread_id:
        return visit.not_found("There is no such message.")
    if step["deleted_at"] is not None:
        await visit.note("message_restored", thread_id, step_id=step_id)
        write = ReturnMessage(thread_id, step_id, record.now(), visit.researcher.researcher_id)
        outcome = await record.writer.submit(write)
        if outcome.reason is not None:
            raise WriteRefused(outcome.reason, outcome.detail)
    return visit.moved(f"/research/threads/{thread_id}?at={step_id}#{step_id}")


def _is_its_participants(thread: Row) -> bool:
    """Whether its own participant deleted it: nothing else is a researcher's to undo."""
    return thread["deleted_by"] is not None and thread["deleted_by"] == thread["participant_id"]
