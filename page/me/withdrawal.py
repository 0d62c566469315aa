"""A participant leaves the study and takes everything along: the question's figures, the act, the receipt."""

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from data_layer.database.ids import is_uuid
from data_layer.database.rows import Row
from data_layer.record import Record
from page.chainlit.cookies import sign_out
from page.me.participant_request import ParticipantRequest, ParticipantRoutes, json_answer
from study.definition import Study
from study.strings import Strings
from web.pages import BASE_SHEET, hash_of, page_headers, policy, style_of, templates_in
from web.problem import HttpProblem
from web.problem_page import SHEET, no_such_page, pages_of

log = structlog.get_logger(__name__)

RECEIPTS: Final = "/withdrawn"
# What the receipt counts, of all that the tombstone does; its texts are study/strings.yaml's.
COUNTED: Final = ("threads", "messages", "files")
_PAGE: Final = Path(__file__).parents[1]


def withdrawal_routes(
    own: ParticipantRoutes, record: Record, definition: Callable[[], Study]
) -> list[BaseRoute]:
    """Make the routes.

    Args:
        own: Makes routes for participants.
        record: Read, and erased from.
        definition: The study's file as it now is.
    """
    receipts = Receipts(own, record, definition)

    async def figures(asked: ParticipantRequest) -> Response:
        """Say how much would be erased, for the question."""
        before = await record.withdrawals.before(asked.participant_id)
        if before is None:
            raise HttpProblem(404, "asked.no_such_thing")
        return json_answer({name: before[name] for name in COUNTED})

    async def withdraw(asked: ParticipantRequest) -> Response:
        """Erase whoever asks, nobody else. What is asked for is said in words: no stray request does it."""
        if (await asked.body()).get("withdraw") is not True:
            raise HttpProblem(400, "asked.not_readable")
        row = await record.withdrawals.withdraw(asked.participant_id, "participant")
        response = json_answer({"receipt": receipt_of(row)})
        sign_out(asked.request, response)
        return response

    return [
        own.route("/me/withdrawal", figures),
        own.route("/me/withdrawal", withdraw, methods=["POST"]),
        Route(f"{RECEIPTS}/{{withdrawal_id}}", receipts.page, methods=["GET"]),
        Route(f"{RECEIPTS}/{{withdrawal_id}}/receipt.txt", receipts.file, methods=["GET"]),
    ]


def receipt_of(row: Row) -> str:
    """The address of a withdrawal's receipt."""
    return f"{RECEIPTS}/{row['withdrawal_id']}"


def leaving(
    stop: Callable[[str], object], close_pages: Callable[[str, str], Awaitable[None]]
) -> Callable[[Row, Sequence[str]], Awaitable[None]]:
    """What follows a withdrawal on the pages that are open: replies stop, and every page shows the receipt.

    Args:
        stop: Stops the reply that is being given in a thread.
        close_pages: Closes a participant's pages, which go to an address.
    """

    async def leave(row: Row, threads: Sequence[str]) -> None:
        for thread_id in threads:
            stop(thread_id)
        await close_pages(row["participant_id"], receipt_of(row))

    return leave


class Receipts:
    """The receipt, for whoever has its address: a time and numbers, nothing of what they were numbers of.

    Args:
        own: Knows the visitor's language.
        record: Where the tombstones are.
        definition: The study's file as it now is.
    """

    def __init__(self, own: ParticipantRoutes, record: Record, definition: Callable[[], Study]) -> None:
        self._own = own
        self._record = record
        self._definition = definition
        self._template = templates_in(_PAGE / "templates").get_template("withdrawn.html")
        self._style = style_of(BASE_SHEET, SHEET, _PAGE / "inlined/withdrawn.css")
        opened = policy(style_src=hash_of(self._style), img_src="'self'", font_src="'self'")
        self._headers = page_headers(opened, referrer="no-referrer") | {"Vary": "Accept-Language"}

    async def page(self, request: Request) -> Response:
        """A page to read, to print and to keep."""
        found = await self._find(request)
        if isinstance(found, Response):
            return found
        strings, study = self._own.strings_of(request), self._definition()
        page = self._template.render(
            t=strings,
            study=study.title,
            contact=study.contact,
            lines=_lines(found, strings),
            file=f"{receipt_of(found)}/receipt.txt",
            style=self._style,
        )
        return HTMLResponse(page, headers=self._headers)

    async def file(self, request: Request) -> Response:
        """The same as a text to keep."""
        found = await self._find(request)
        if isinstance(found, Response):
            return found
        strings, study = self._own.strings_of(request), self._definition()
        said = [
            strings("withdrawal.title"),
            study.title,
            "",
            *(f"{label}: {value}" for label, value in _lines(found, strings)),
            "",
            strings("withdrawal.about"),
            strings("withdrawal.exports"),
            "",
            f"{strings('entry.questions')} {study.contact}",
            "",
        ]
        named = {"Content-Disposition": f'attachment; filename="receipt-{found["withdrawal_id"][:8]}.txt"'}
        return PlainTextResponse("\n".join(said), headers={**self._headers, **named})

    async def _find(self, request: Request) -> Row | Response:
        withdrawal_id = request.path_params["withdrawal_id"]
        try:
            found = await self._record.withdrawals.one(withdrawal_id) if is_uuid(withdrawal_id) else None
        except (SQLAlchemyError, OSError) as error:
            log.error("route_failed", path=RECEIPTS, error_type=type(error).__name__)
            return pages_of(request).answer(request, 503)
        return found if found is not None else await no_such_page(request)


def _lines(row: Row, strings: Strings) -> list[tuple[str, str]]:
    counts = row["counts"]
    return [
        (strings("withdrawal.receipt"), row["withdrawal_id"]),
        (strings("withdrawal.when"), f"{row['withdrawn_at']:%Y-%m-%d %H:%M:%S} UTC"),
        *((strings(f"withdrawal.{name}"), str(counts.get(name, 0))) for name in COUNTED),
    ]
