"""What lies behind a thread's messages, each on a page of its own: a call to a model, a step, a file."""

import asyncio
import json
from typing import Any, Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from data_layer.conversations.threads import step_row
from data_layer.review.thread import read_call, read_element
from research.routing import HEADERS, ResearchRequest, ResearchRoutes
from study.roles import Right
from web.files import UNKNOWN, send_file

# What is shown in place; all else is a download.
_DRAWN: Final = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf"})


def routes(doors: ResearchRoutes) -> list[BaseRoute]:
    """A call, a step, an attachment."""
    return [
        doors.route("/calls/{llm_call_id}", _call, Right.READ),
        doors.route("/steps/{step_id}", _step, Right.READ),
        doors.route("/files/{element_id}", _file, Right.READ),
    ]


async def _call(visit: ResearchRequest) -> Response:
    database = visit.room.record.read_database
    call = await read_call(database, visit.path("llm_call_id"))
    if call is None or not await visit.may_read(call["thread_id"]):
        return visit.not_found("There is no such call to a model.")
    await visit.note("prompt_read", call["thread_id"], llm_call_id=call["llm_call_id"])
    return visit.draw("call.html", call=call, messages=_messages(call["prompt"]))


async def _step(visit: ResearchRequest) -> Response:
    step = await step_row(visit.room.record.read_database, visit.path("step_id"))
    if step is None or not await visit.may_read(step["thread_id"]):
        return visit.not_found("There is no such step.")
    await visit.note("step_read", step["thread_id"], step_id=step["step_id"])
    return visit.draw("step.html", step=step)


async def _file(visit: ResearchRequest) -> Response:
    record = visit.room.record
    element = await read_element(record.read_database, visit.path("element_id"))
    if element is None or not element["file"] or not await visit.may_read(element["thread_id"]):
        return visit.not_found("There is no such file.")
    path = await asyncio.to_thread(record.files.bring, element["file"])
    if path is None:
        return visit.not_found("There is no such file.")
    await visit.note("file_read", element["thread_id"], element_id=element["element_id"])
    mime = element["mime"] if element["mime"] in _DRAWN else UNKNOWN
    return send_file(path, element["name"], mime, HEADERS)


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
