"""What stands there instead of a page: 403, 404, 429, 500, 503, in the study's look, the visitor's language.

A browser gets a page with a way back and the study's contact; a program gets JSON. Neither is told what
went wrong inside.
"""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from study.definition import Study
from study.language import language_for
from study.strings import strings_in
from web.pages import BASE_SHEET, hash_of, page_headers, policy, style_of, templates_in
from web.problem import json_problem

_HERE: Final = Path(__file__).parent
# Those with words of their own; any other is told as the first of its hundred.
_TOLD: Final = frozenset({400, 401, 403, 404, 413, 429, 500, 503})
_WAIT_S: Final = {429: 60, 503: 60}
# The withdrawal's receipt is drawn with it too.
SHEET: Final = _HERE / "inlined/problem.css"
_templates: Final = templates_in(_HERE / "templates")


class ProblemPages:
    """Draws them.

    Args:
        definition: The study as it was loaded last; None where there is none to name.
    """

    def __init__(self, definition: Callable[[], Study] | None = None) -> None:
        self._definition = definition
        self._template = _templates.get_template("problem.html")
        self._style = style_of(BASE_SHEET, SHEET)
        own = "'self'"
        self._headers = page_headers(
            policy(style_src=hash_of(self._style), img_src=own, font_src=own, frame_ancestors=own)
        )

    def answer(
        self, request: HTTPConnection, status: int, headers: Mapping[str, str] | None = None
    ) -> Response:
        """Answer a request that cannot be answered as it was meant.

        Args:
            request: Who asks: what they take, and in which language.
            status: Such as 404.
            headers: What the answer must carry besides.
        """
        study = self._definition() if self._definition else None
        strings = strings_in(language_for(request.headers, study.language if study else None))
        told = status if status in _TOLD else status // 100 * 100
        said = f"problem.about_{told}"
        carried = {
            "Vary": "Accept, Accept-Language",
            **({"Retry-After": str(_WAIT_S[status])} if status in _WAIT_S else {}),
            **(headers or {}),
        }
        if not wants_page(request):
            return json_problem(status, strings(said), carried)
        page = self._template.render(
            t=strings,
            status=status,
            heading=strings(f"problem.title_{told}"),
            about=strings(said),
            study=study.title if study else None,
            contact=study.contact if study else None,
            style=self._style,
        )
        return HTMLResponse(page, status, self._headers | carried)


def wants_page(request: HTTPConnection) -> bool:
    """Whether a browser's window asks, and not one of its scripts or a program."""
    return request.scope.get("method") in ("GET", "HEAD", "POST") and "text/html" in request.headers.get(
        "accept", ""
    )


def pages_of(request: HTTPConnection) -> ProblemPages:
    """Those of the app that was asked (patches.tell_problems); plain ones where there are none."""
    state = getattr(request.scope.get("app"), "state", None)
    found = getattr(state, "problem_pages", None)
    return found if isinstance(found, ProblemPages) else ProblemPages()


async def no_such_page(request: Request) -> Response:
    """Answer what nothing else answers; in place of Chainlit's catch-all, which shows its page."""
    return pages_of(request).answer(request, 404)


async def on_refusal(request: Request, refused: Exception) -> Response:
    """Answer an HTTPException: Chainlit's words stay where its own page reads them."""
    status = refused.status_code if isinstance(refused, HTTPException) else 500
    headers = dict(getattr(refused, "headers", None) or {})
    if status in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED):
        return Response(status_code=status, headers=headers)
    if wants_page(request):
        return pages_of(request).answer(request, status, headers)
    return JSONResponse({"detail": getattr(refused, "detail", "")}, status, headers)


async def on_failure(request: Request, _: Exception) -> Response:
    """Answer when our own code has failed; the log has the trace, the visitor does not."""
    return pages_of(request).answer(request, 500)
