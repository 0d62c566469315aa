"""Sharing a conversation: the owner makes and ends links; who has one reads."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import structlog
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from data_layer.conversations.shares import TooManyShares
from data_layer.database.rows import Row
from data_layer.database.types import iso
from data_layer.record import Record
from page.me.participant_request import ParticipantRequest, ParticipantRoutes, json_answer
from stages.transcript.draw import Paper, draw_page, transcript_headers
from stages.transcript.entries import AttachedFile
from study.definition import Study
from web.files import send_file
from web.problem import HttpProblem
from web.problem_page import no_such_page, pages_of

log = structlog.get_logger(__name__)

Definition = Callable[[], Study]


def share_routes(own: ParticipantRoutes, record: Record, definition: Definition) -> list[BaseRoute]:
    """Make the routes of the owner and those of the readers.

    Args:
        own: Makes routes for participants.
        record: Makes, finds and ends shares.
        definition: The study's file as it now is: it may stop sharing, and then no link works.
    """
    return [
        own.route("/me/threads/{thread_id}/shares", lambda asked: _list(asked, record)),
        own.route(
            "/me/threads/{thread_id}/shares",
            lambda asked: _make(asked, record, definition()),
            methods=["POST"],
        ),
        own.route(
            "/me/threads/{thread_id}/shares/{share_id}", lambda asked: _end(asked, record), methods=["DELETE"]
        ),
        Route("/shared/{token}", _Reader(own, record, definition).page, methods=["GET"]),
        Route("/shared/{token}/files/{element_id}", _Reader(own, record, definition).file, methods=["GET"]),
    ]


async def _list(asked: ParticipantRequest, record: Record) -> Response:
    found = await record.shares.of_thread(asked.participant_id, asked.path("thread_id"))
    return json_answer({"shares": [_shape(row) for row in found]})


async def _make(asked: ParticipantRequest, record: Record, study: Study) -> Response:
    if study.sharing is None:
        raise HttpProblem(404, "asked.no_such_thing")
    try:
        made = await record.shares.make(asked.participant_id, asked.path("thread_id"), study.sharing.days)
    except TooManyShares:
        raise HttpProblem(409, "transcript.too_many_shares") from None
    return json_answer({**_shape(made.row), "path": f"/shared/{made.token}"}, 201)


async def _end(asked: ParticipantRequest, record: Record) -> Response:
    await record.shares.end(asked.participant_id, asked.path("thread_id"), asked.path("share_id"))
    return json_answer({})


class _Reader:
    """Who has a link: nobody that we know, and nobody that we ask."""

    def __init__(self, own: ParticipantRoutes, record: Record, definition: Definition) -> None:
        self._own = own
        self._record = record
        self._definition = definition

    async def page(self, request: Request) -> Response:
        token, study = request.path_params["token"], self._definition()
        try:
            pieces = await self._record.shares.read(token) if study.sharing is not None else []
        except (SQLAlchemyError, OSError) as error:
            return _not_now(request, error)
        if not pieces:
            # Wrong, ended, expired or deleted: nobody learns which.
            return await no_such_page(request)
        strings = self._own.strings_of(request)

        def address(file: AttachedFile) -> str:
            return f"/shared/{token}/files/{file.element_id}"

        # Not the thread's title: it is the participant's, and may have been changed since.
        paper = Paper(
            title=strings("transcript.shared_title"),
            about=[study.title, strings("transcript.shared_about")],
            closing=[],
            participant=strings("transcript.participant"),
            address=address,
        )
        return HTMLResponse(await draw_page(pieces, paper, strings), headers=transcript_headers())

    async def file(self, request: Request) -> Response:
        """A file that stands with a shared message."""
        token, element_id = request.path_params["token"], request.path_params["element_id"]
        row: Row | None = None
        path: Path | None = None
        try:
            if self._definition().sharing is not None:
                row = await self._record.shares.element(token, element_id)
            if row is not None and row["file"]:
                path = await asyncio.to_thread(self._record.files.bring, row["file"])
        except (SQLAlchemyError, OSError) as error:
            return _not_now(request, error)
        if row is None or path is None or not path.is_file():
            return await no_such_page(request)
        mime = row["mime"] or "application/octet-stream"
        # No cache keeps it: the link may end at any time.
        return send_file(path, row["name"], mime)


def _not_now(request: Request, error: Exception) -> Response:
    # The path holds the secret: it is in no log.
    log.error("route_failed", path="/shared", error_type=type(error).__name__)
    return pages_of(request).answer(request, 503)


def _shape(row: Row) -> dict[str, str]:
    made: datetime = row["created_at"]
    return {"id": row["share_id"], "made_at": iso(made), "expires_at": iso(row["expires_at"])}
