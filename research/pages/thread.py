"""One thread: as the participant saw it, with what lay behind; and what the model saw."""

import asyncio
import json
from datetime import timedelta
from typing import Any, Final

from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute

from data_layer.review.thread import read_call, read_element, read_whole
from data_layer.threads import thread_row
from data_layer.writes import ReturnThread, Row
from research.doors import HEADERS, Doors, Visit
from research.markdown import drawn
from research.story import attached_elsewhere, story_of
from study.errors import WriteRefused
from study.roles import Right

# What a browser may draw in place: no HTML, SVG or XML, which carry scripts.
_DRAWN: Final = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf"})
_NOT_HERE: Final = "There is no such thread."


def routes(doors: Doors) -> list[BaseRoute]:
    """A thread, a call to a model, an attachment."""
    return [
        doors.route("/threads/{thread_id}", _show, Right.READ),
        doors.route("/threads/{thread_id}/restore", _restore, Right.RESTORE, ("POST",)),
        doors.route("/calls/{llm_call_id}", _call, Right.READ),
        doors.route("/files/{element_id}", _file, Right.READ),
    ]


async def _show(visit: Visit) -> Response:
    thread_id = visit.path("thread_id")
    may_read = await visit.may_read(thread_id)
    whole = await read_whole(visit.room.record.database, thread_id) if may_read else None
    if whole is None:
        return visit.not_found(_NOT_HERE)
    await visit.note("thread_read", thread_id)
    # Drawing hundreds of messages is work: nobody's reply waits for it.
    entries = await asyncio.to_thread(story_of, whole)
    return await asyncio.to_thread(
        visit.draw,
        "thread.html",
        thread=whole.thread,
        entries=entries,
        elsewhere=attached_elsewhere(whole),
        can_be_restored=visit.may(Right.RESTORE) and _is_its_participants(whole.thread),
        kind_of=lambda entry: type(entry).__name__,
        markdown=drawn,
        span=_span,
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


async def _call(visit: Visit) -> Response:
    database = visit.room.record.database
    call = await read_call(database, visit.path("llm_call_id"))
    if call is None or not await visit.may_read(call["thread_id"]):
        return visit.not_found("There is no such call to a model.")
    await visit.note("prompt_read", call["thread_id"], llm_call_id=call["llm_call_id"])
    return visit.draw("call.html", call=call, messages=_messages(call["prompt"]))


async def _file(visit: Visit) -> Response:
    record = visit.room.record
    element = await read_element(record.database, visit.path("element_id"))
    path = record.files.path_of(element["file"]) if element and element["file"] else None
    if element is None or path is None or not await visit.may_read(element["thread_id"]):
        return visit.not_found("There is no such file.")
    await visit.note("file_read", element["thread_id"], element_id=element["element_id"])
    mime = element["mime"] if element["mime"] in _DRAWN else "application/octet-stream"
    how = "inline" if mime in _DRAWN else "attachment"
    # Chromium shows no PDF inside a sandbox; a PDF's own scripts never reach the page.
    policy = "default-src 'none'" if mime == "application/pdf" else "sandbox; default-src 'none'"
    headers = HEADERS | {"Content-Security-Policy": policy, "Cross-Origin-Resource-Policy": "same-origin"}
    return FileResponse(
        path, filename=element["name"], media_type=mime, headers=headers, content_disposition_type=how
    )


def _messages(prompt: str | None) -> list[dict[str, Any]]:
    """The messages of a prompt, each with its words as text."""
    if prompt is None:
        return []
    return [
        {
            "role": one.get("role", ""),
            "content": _text(one.get("content")),
            # Calls of tools and whatever else was sent: nothing of a prompt is left out.
            "others": {key: _text(value) for key, value in one.items() if key not in ("role", "content")},
        }
        for one in json.loads(prompt)
    ]


def _text(content: Any) -> str:
    if content is None:
        return ""
    return content if isinstance(content, str) else json.dumps(content, ensure_ascii=False, indent=2)


def _is_its_participants(thread: Row) -> bool:
    """Whether its own participant deleted it: nothing else is a researcher's to undo."""
    return thread["deleted_by"] is not None and thread["deleted_by"] == thread["participant_id"]


def _span(lasted: timedelta | float | None) -> str:
    """How long, for people; milliseconds or a timedelta."""
    if lasted is None:
        return "–"
    seconds = lasted.total_seconds() if isinstance(lasted, timedelta) else lasted / 1000
    for unit, size in (("day", 86_400), ("hour", 3600), ("minute", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}s"
    if seconds >= 10:
        return f"{seconds:.0f} s"
    return f"{seconds:.1f} s" if seconds >= 1 else f"{seconds * 1000:.0f} ms"
