"""A participant leaves the study and takes everything along: the question's figures, the act, the receipt."""

import base64
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Final

import structlog
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from data_layer.fold_state import is_uuid
from data_layer.record import Record
from data_layer.writes import Row
from page.asked import Asked, OwnRoutes, Problem, json_answer
from page.colours import theme_colours
from page.cookies import sign_out
from page.problem_page import no_such_page, pages_of
from study.definition import Study
from study.strings import Strings

log = structlog.get_logger(__name__)

RECEIPTS: Final = "/withdrawn"
# What the receipt counts, of all that the tombstone does; its texts are study/strings.yaml's.
COUNTED: Final = ("threads", "messages", "files")
_HERE: Final = Path(__file__).parent


def withdrawal_routes(own: OwnRoutes, record: Record, definition: Callable[[], Study]) -> list[BaseRoute]:
    """Make the routes.

    Args:
        own: Makes routes for participants.
        record: Read, and erased from.
        definition: The study's file as it now is.
    """
    receipts = Receipts(own, record, definition)

    async def figures(asked: Asked) -> Response:
        """Say how much would be erased, for the question."""
        before = await record.withdrawals.before(asked.participant_id)
        if before is None:
            raise Problem(404, "asked.no_such_thing")
        return json_answer({name: before[name] for name in COUNTED})

    async def withdraw(asked: Asked) -> Response:
        """Erase whoever asks, nobody else. What is asked for is said in words: no stray request does it."""
        if (await asked.body()).get("withdraw") is not True:
            raise Problem(400, "asked.not_readable")
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

    def __init__(self, own: OwnRoutes, record: Record, definition: Callable[[], Study]) -> None:
        self._own = own
        self._record = record
        self._definition = definition
        templates = Environment(
            loader=FileSystemLoader(_HERE / "templates"), autoescape=True, undefined=StrictUndefined
        )
        self._template = templates.get_template("withdrawn.html")
        styles = [(_HERE / "static" / name).read_text(encoding="utf-8") for name in _STYLES]
        self._style = theme_colours() + "".join(styles)
        digest = base64.b64encode(hashlib.sha256(self._style.encode()).digest()).decode()
        self._headers = {
            "Cache-Control": "no-store",
            "Vary": "Accept-Language",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": (
                f"default-src 'none'; style-src 'sha256-{digest}'; img-src 'self'; font-src 'self'; "
                "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
            ),
        }

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
            style=Markup(self._style),  # noqa: S704  # our own files
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


_STYLES: Final = ("problem.css", "withdrawn.css")


def _lines(row: Row, strings: Strings) -> list[tuple[str, str]]:
    counts = row["counts"]
    return [
        (strings("withdrawal.receipt"), row["withdrawal_id"]),
        (strings("withdrawal.when"), f"{row['withdrawn_at']:%Y-%m-%d %H:%M:%S} UTC"),
        *((strings(f"withdrawal.{name}"), str(counts.get(name, 0))) for name in COUNTED),
    ]
