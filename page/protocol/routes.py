"""The routes of a protocol: the present page, what it sends, and what its script and the chat ask."""

from typing import Final
from urllib.parse import parse_qs

import structlog
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from data_layer.record import Record
from page.chainlit.cookies import sign_out, signed_in
from page.me.participant_request import ParticipantRequest, ParticipantRoutes, json_answer
from page.me.withdrawal import receipt_of
from page.protocol.pages import StagePages
from stages.protocol.handling import Posted
from stages.protocol.running import Present, StudyProtocol
from study.errors import DatabaseError, WriteRefused
from study.language import language_for
from study.loader import LoadedStudy
from study.protocol.languages import text_for
from study.protocol.stages import ChatDefinition
from study.strings import Strings, strings_in
from web.guards import LONGEST_BODY
from web.problem import HttpProblem

log = structlog.get_logger(__name__)

STUDY_PAGE: Final = "/study"
_MOST_FIELDS: Final = 2_000
_LONGEST_VALUE: Final = 20_000
_AWAY: Final = (SQLAlchemyError, OSError, DatabaseError)
_NOT_KEPT: Final = {"Cache-Control": "no-store"}


class ProtocolRoutes:
    """Answers them.

    Args:
        study: What runs.
        record: What is kept.
        protocol: Goes through it.
        pages: Draws them.
    """

    def __init__(
        self, study: LoadedStudy, record: Record, protocol: StudyProtocol, pages: StagePages
    ) -> None:
        self._study = study
        self._record = record
        self._protocol = protocol
        self._pages = pages

    def page(self) -> list[BaseRoute]:
        """The page itself."""
        return [Route(STUDY_PAGE, self._page, methods=["GET", "POST"], name="stage")]

    def own(self, own: ParticipantRoutes) -> list[BaseRoute]:
        """What the page's script asks, and the chat's."""
        return [
            own.route("/me/study/answer", self._change, methods=["POST"]),
            own.route("/me/study", self._where),
        ]

    async def leads_to(self, request: Request, participant_id: str) -> str | None:
        """Where somebody is led who opens the chat's page: to the stage that they stand at.

        Returns:
            An address; None where the chat that they ask for is where they stand.
        """
        if not (request.url.path == "/" or request.url.path.startswith("/thread")):
            return None
        try:
            present = await self._protocol.present(participant_id, self._strings_of(request))
        except (*_AWAY, WriteRefused) as error:
            log.error("protocol_unreadable", error_type=type(error).__name__)
            return None
        if not isinstance(present.stage, ChatDefinition):
            return STUDY_PAGE
        own = f"/thread/{present.shown['thread_id']}"
        return None if request.url.path.endswith(own) else own

    async def _page(self, request: Request) -> Response:
        user = signed_in(request)
        if user is None:
            return RedirectResponse("/login", 303, _NOT_KEPT)
        strings = self._strings_of(request)
        posted = await _read(request) if request.method == "POST" else None
        try:
            if posted is None:
                present = await self._protocol.present(user.identifier, strings, _again(request))
            else:
                present = await self._protocol.take(user.identifier, _visit_in(posted), posted, strings)
        except WriteRefused:
            return RedirectResponse("/login", 303, _NOT_KEPT)
        except _AWAY as error:
            log.error("stage_failed", error_type=type(error).__name__)
            return await self._not_now(request, user.identifier, posted, strings)
        return await self._drawn(request, user.identifier, present, strings, came=posted is not None)

    async def _drawn(
        self, request: Request, participant_id: str, present: Present, strings: Strings, *, came: bool
    ) -> Response:
        if present.receipt is not None:
            response = RedirectResponse(receipt_of(present.receipt), 303, _NOT_KEPT)
            sign_out(request, response)
            return response
        if isinstance(present.stage, ChatDefinition):
            return RedirectResponse(f"/thread/{present.shown['thread_id']}", 303, _NOT_KEPT)
        # After what was sent the page is asked for anew, with its mistakes too: a reload sends nothing twice.
        if came:
            again = f"?again={present.position.visit}" if present.problems else ""
            return RedirectResponse(STUDY_PAGE + again, 303, _NOT_KEPT)
        if present.stage is not None:
            return self._pages.draw(present, self._study.definition, strings)
        if present.ending is not None and present.ending.code is not None:
            self._record.participations.code_shown(participant_id)
        name = present.ending.text if present.ending is not None else None
        text = text_for(self._study.texts, name, strings.language) if name is not None else ""
        return self._pages.ending(present, self._study.definition, strings, text)

    async def _not_now(
        self, request: Request, participant_id: str, posted: Posted | None, strings: Strings
    ) -> Response:
        """The database is away: what was written stands in the fields again, where the page can be drawn."""
        try:
            present = await self._protocol.present(participant_id, strings)
        except (*_AWAY, WriteRefused):
            raise HTTPException(503) from None
        if present.stage is None or isinstance(present.stage, ChatDefinition):
            return await self._drawn(request, participant_id, present, strings, came=True)
        return self._pages.draw(present, self._study.definition, strings, not_now=posted or {})

    async def _change(self, asked: ParticipantRequest) -> Response:
        """Keep an answer as it is made."""
        body = await asked.body()
        visit, item, value = body.get("visit"), body.get("item"), body.get("value")
        is_one = isinstance(visit, int) and isinstance(item, str) and 0 < len(item) <= 80
        if not is_one or not _is_answer(value):
            raise HttpProblem(400, "asked.not_readable")
        taken = await self._protocol.keep_change(asked.participant_id, int(visit or 0), str(item), value)
        return json_answer({"kept": taken})

    async def _where(self, asked: ParticipantRequest) -> Response:
        """Say where somebody stands, for the chat's page: which step it is, and what lacks to go on."""
        present = await self._protocol.present(asked.participant_id, asked.strings)
        shown = present.shown if isinstance(present.stage, ChatDefinition) else {}
        return json_answer(
            {
                "number": present.number,
                "count": present.count,
                "visit": present.position.visit,
                "thread_id": shown.get("thread_id"),
                "may": shown.get("may", ()),
                "turns_lacking": shown.get("turns_lacking", 0),
                "agent_gone": shown.get("agent_gone", False),
                "seconds_lacking": shown.get("seconds_lacking", 0),
            }
        )

    def _strings_of(self, request: Request) -> Strings:
        return strings_in(language_for(request.headers, self._study.definition.language))


async def _read(request: Request) -> Posted:
    """A posted form, as far as our pages send one.

    Raises:
        HTTPException: It is none.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise HTTPException(415)
    content = bytearray()
    try:
        async for chunk in request.stream():
            content += chunk
            if len(content) > LONGEST_BODY:
                raise HTTPException(413)
        return parse_qs(
            content.decode(), keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS
        )
    except (ValueError, ClientDisconnect):
        raise HTTPException(400) from None


def _again(request: Request) -> int:
    """The visit whose page was sent with something wrong; 0 where none was."""
    return _number(request.query_params.get("again", ""))


def _visit_in(posted: Posted) -> int:
    return _number(posted.get("visit", ("",))[0])


def _number(said: str) -> int:
    return int(said) if said.isascii() and said.isdecimal() and len(said) < 10 else 0


def _is_answer(value: object) -> bool:
    if isinstance(value, list):
        return len(value) <= 200 and all(isinstance(one, str) and len(one) <= 200 for one in value)
    if isinstance(value, str):
        return len(value) <= _LONGEST_VALUE
    return value is None or isinstance(value, bool | int | float)
