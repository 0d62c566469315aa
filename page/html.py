"""Chainlit's page, rewritten so that it asks nobody but us for anything.

Its index.html brings fonts from Google, KaTeX's style from jsDelivr, and a picture of its own makers
(chainlit/frontend/dist/index.html:8-21, server.py:379-402): each visit would tell them a
participant's address. The policy below also holds for what an agent writes: a picture at
another site, put into a reply, is not fetched.
"""

import base64
import hashlib
import html
import re
from collections.abc import Callable
from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from page.cookies import signed_in
from page.login import Study
from page.welcome import whole
from study.errors import StartError

# The addresses at which Chainlit's router draws something (frontend/src/router.tsx), without /login.
_PAGES: Final = ("/", "/thread", "/thread/{id}", "/element/{id}", "/share/{id}", "/env")

_TAG: Final = re.compile(r"<(?:link|meta)\b[^>]*>", re.IGNORECASE)
_FOREIGN: Final = re.compile(r"""\b(?:href|src|content)\s*=\s*["']\s*(?:[a-z][a-z+.-]*:)?//""", re.IGNORECASE)
# og:root_path is how the page learns where it is mounted (frontend/src/lib/router.ts).
_ADVERTISED: Final = re.compile(
    r"""\b(?:property\s*=\s*["']og:(?!root_path)|name\s*=\s*["']description)""", re.IGNORECASE
)
_TITLE: Final = re.compile(r"<title>.*?</title>", re.IGNORECASE | re.DOTALL)
_COMMENT: Final = re.compile(r"<!--.*?-->", re.DOTALL)
_INLINE_SCRIPT: Final = re.compile(r"<script>(.*?)</script>", re.IGNORECASE | re.DOTALL)


def rewrite_index(page: str, *, title: str, welcome: str) -> str:
    """Make Chainlit's index.html the study's own.

    Args:
        page: What chainlit.server.get_html_template returns.
        title: The study's title, for the tab and the first screen.
        welcome: A few lines about the study, in Markdown, for the first screen.

    Returns:
        The page with nothing in it that another origin would be asked for.

    Raises:
        StartError: The page is not what we know, so that nothing can be promised of it.
    """
    page = _COMMENT.sub("", page)
    page = _TAG.sub(lambda tag: "" if _FOREIGN.search(tag[0]) or _ADVERTISED.search(tag[0]) else tag[0], page)
    if not _TITLE.search(page) or "</body>" not in page or _FOREIGN.search(page):
        raise StartError(
            "Chainlit's index.html is not the one that page/html.py knows how to keep private. "
            "Install the versions of requirements.txt."
        )
    head = (
        f"<title>{html.escape(title)}</title>"
        '<meta name="color-scheme" content="light dark"><meta name="robots" content="noindex">'
        f'<meta name="study-title" content="{html.escape(title)}">'
    )
    page = _TITLE.sub(lambda _: head, page)
    # public/script.js puts it on the first screen; until then a template is not drawn.
    return page.replace("</body>", f'<template id="study-welcome-text">{whole(welcome)}</template></body>')


def policy(page: str) -> str:
    """Write the Content-Security-Policy of a page: its own origin, and its own inline scripts by hash.

    Styles may be inline, as the libraries of Chainlit's page need; pictures may be data and blobs.
    """
    hashes = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
        for script in _INLINE_SCRIPT.findall(page)
    )
    return (
        f"default-src 'self'; script-src 'self' {hashes}; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; media-src 'self' blob:; font-src 'self' data:; "
        "worker-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'self'"
    )


def index_routes(study: Study, template: Callable[[str], str]) -> list[BaseRoute]:
    """Make the routes of Chainlit's page.

    Who is not signed in is led to the form at once, instead of after 4.6 MB of scripts.

    Args:
        study: Its title and welcome text stand on the page.
        template: chainlit.server.get_html_template; it is given the path that the app is mounted at.

    Returns:
        Routes for the front of the app's list.

    Raises:
        StartError: As rewrite_index.
    """
    rewrite_index(template(""), title="", welcome="")  # an unknown page stops the start, not a visit
    made: dict[tuple[str, str, str], HTMLResponse] = {}

    async def index(request: Request) -> Response:
        if signed_in(request) is None:
            return RedirectResponse("/login", 303, {"Cache-Control": "no-store"})
        key = (request.scope.get("root_path", ""), study.definition.title, study.definition.welcome)
        if key not in made:
            made.clear()
            made[key] = _index_response(rewrite_index(template(key[0]), title=key[1], welcome=key[2]))
        return made[key]

    return [Route(path, index, methods=["GET"]) for path in _PAGES]


async def no_such_page(request: Request) -> Response:
    """Answer what nothing else answers; in place of Chainlit's catch-all, which shows its page."""
    return PlainTextResponse("There is no such page.\n", 404)


def _index_response(page: str) -> HTMLResponse:
    return HTMLResponse(
        page,
        headers={
            "Cache-Control": "no-cache",
            "Content-Security-Policy": policy(page),
            "Referrer-Policy": "same-origin",
            "X-Content-Type-Options": "nosniff",
        },
    )
