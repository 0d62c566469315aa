"""Chainlit's page, rewritten so that it asks nobody but us for anything.

Its index.html brings fonts from Google, KaTeX's style from jsDelivr, and a picture of its own makers
(chainlit/frontend/dist/index.html:8-21, server.py:379-402): each visit would tell them a
participant's address. The policy below also holds for what an agent writes: a picture at
another site, put into a reply, is not fetched.
"""

import html
import re
from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from page.chainlit.cookies import signed_in
from page.chainlit.page_data import data_block, page_data
from page.chainlit.welcome import whole
from page.static_files.own_files import OwnFiles
from study.closing import closing_text
from study.definition import Study
from study.errors import StartError
from study.language import language_for
from study.loader import LoadedStudy
from study.strings import strings_in
from study.vocabulary import StudyState
from web.addresses import public_path
from web.pages import hash_of, page_headers
from web.pages import policy as written_policy
from web.prepared import PreparedAnswer

# More than the languages of a few mounts: our own files have changed since, many times.
_KEPT_PAGES: Final = 64
# An address that a participant is led to instead of the one that they ask for.
LeadsTo: TypeAlias = Callable[[Request, str], Awaitable[str | None]]
# The addresses at which Chainlit's router draws something (frontend/src/router.tsx), without /login.
_PAGES: Final = ("/", "/thread", "/thread/{id}", "/element/{id}", "/share/{id}", "/env")

_TAG: Final = re.compile(r"<(?:link|meta)\b[^>]*>", re.IGNORECASE)
_FOREIGN: Final = re.compile(r"""\b(?:href|src|content)\s*=\s*["']\s*(?:[a-z][a-z+.-]*:)?//""", re.IGNORECASE)
# og:root_path is how the page learns where it is mounted (frontend/src/lib/router.ts).
_ADVERTISED: Final = re.compile(
    r"""\b(?:property\s*=\s*["']og:(?!root_path)|name\s*=\s*["']description)""", re.IGNORECASE
)
_TITLE: Final = re.compile(r"<title>.*?</title>", re.IGNORECASE | re.DOTALL)
_VIEWPORT: Final = re.compile(r"""<meta name="viewport"[^>]*>""", re.IGNORECASE)
# The keyboard of a phone takes its room from the page, so that the composer stands above it.
_WHOLE_VIEWPORT: Final = (
    '<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover, '
    'interactive-widget=resizes-content">'
)
_LANGUAGE: Final = re.compile(r"""<html lang="[^"]*\"""", re.IGNORECASE)
_COMMENT: Final = re.compile(r"<!--.*?-->", re.DOTALL)
_INLINE_SCRIPT: Final = re.compile(r"<script>(.*?)</script>", re.IGNORECASE | re.DOTALL)


def rewrite_index(
    page: str,
    *,
    title: str,
    welcome: str,
    ended: str = "",
    reached: str = "",
    language: str = "en",
    data: str = "",
    head: str = "",
) -> str:
    """Make Chainlit's index.html the study's own.

    Args:
        page: What chainlit.server.get_html_template returns.
        title: The study's title, for the tab and the first screen.
        welcome: A few lines about the study, in Markdown, for the first screen.
        ended: What is read once the study has ended, in Markdown.
        reached: What is read once a limit is reached, in Markdown; "" for the app's own sentence.
        language: Of the page.
        data: An element that holds what our scripts read (page_data.py).
        head: Elements for the end of the head.

    Returns:
        The page with nothing in it that another origin would be asked for.

    Raises:
        StartError: The page is not what we know, so that nothing can be promised of it.
    """
    page = _COMMENT.sub("", page)
    page = _TAG.sub(lambda tag: "" if _FOREIGN.search(tag[0]) or _ADVERTISED.search(tag[0]) else tag[0], page)
    if not _TITLE.search(page) or "</body>" not in page or _FOREIGN.search(page):
        raise StartError(
            "Chainlit's index.html is not the one that page/chainlit/index_page.py knows how to keep "
            "private. Install the versions of requirements.txt."
        )
    first = (
        f"<title>{html.escape(title)}</title>"
        '<meta name="color-scheme" content="light dark"><meta name="robots" content="noindex">'
    )
    page = _TITLE.sub(lambda _: first, page).replace("</head>", f"{head}</head>", 1)
    page = _VIEWPORT.sub(lambda _: _WHOLE_VIEWPORT, page, count=1)
    page = _LANGUAGE.sub(f'<html lang="{language}"', page, count=1)
    # public/page/*.js put them where they are read; until then a template is not drawn.
    text = (
        f'<template id="study-welcome-text">{whole(welcome)}</template>'
        f'<template id="study-ended-text">{whole(ended)}</template>'
    )
    if reached:
        text += f'<template id="limit-reached-text">{whole(reached)}</template>'
    return page.replace("</body>", f"{text}{data}</body>")


def policy(page: str) -> str:
    """Write the Content-Security-Policy of a page: its own origin, and its own inline scripts by hash.

    Styles may be inline, as the libraries of Chainlit's page need; pictures may be data and blobs.
    """
    own = "'self'"
    return written_policy(
        default_src=own,
        script_src=" ".join([own, *map(hash_of, _INLINE_SCRIPT.findall(page))]),
        style_src=f"{own} 'unsafe-inline'",
        img_src=f"{own} data: blob:",
        media_src=f"{own} blob:",
        font_src=f"{own} data:",
        worker_src=f"{own} blob:",
        object_src="'none'",
        form_action=own,
        frame_ancestors=own,
    )


def index_routes(
    study: LoadedStudy, template: Callable[[str], str], own: OwnFiles, leads_to: LeadsTo | None = None
) -> list[BaseRoute]:
    """Make the routes of Chainlit's page.

    Who is not signed in is led to the form at once, instead of after 4.6 MB of scripts.

    Args:
        study: Its title and welcome text stand on the page.
        template: chainlit.server.get_html_template; it is given the public path.
        own: The public folder.
        leads_to: Says where a participant stands who is to see another page, or another thread; None where
            the study has no protocol.

    Returns:
        Routes for the front of the app's list.

    Raises:
        StartError: As rewrite_index.
    """
    rewrite_index(template(""), title="", welcome="")  # an unknown page stops the start, not a visit
    made: dict[tuple[str, str], PreparedAnswer] = {}
    drawn_for: list[Study] = []

    async def index(request: Request) -> Response:
        user = signed_in(request)
        if user is None:
            return RedirectResponse("/login", 303, {"Cache-Control": "no-store"})
        if leads_to is not None and (elsewhere := await leads_to(request, user.identifier)) is not None:
            return RedirectResponse(elsewhere, 303, {"Cache-Control": "no-store"})
        definition = study.definition
        if not drawn_for or drawn_for[0] is not definition or len(made) > _KEPT_PAGES:
            made.clear()
            drawn_for[:] = [definition]
        language = language_for(request.headers, definition.language)
        key = (language, own.digest)
        if key not in made:
            page = rewrite_index(
                template(public_path()),
                title=definition.title,
                welcome=definition.welcome,
                ended=closing_text(definition, StudyState.ENDED, strings_in(language)),
                reached=definition.limits.reached or "",
                language=language,
                data=data_block(page_data(definition, language)),
                head=own.head(),
            )
            made[key] = _index_answer(own.addressed(page))
        return made[key].to(request)

    return [Route(path, index, methods=["GET"]) for path in _PAGES]


def _index_answer(page: str) -> PreparedAnswer:
    headers = page_headers(policy(page)) | {"Cache-Control": "no-cache", "Vary": "Accept-Language"}
    return PreparedAnswer(page.encode(), "text/html; charset=utf-8", headers)
