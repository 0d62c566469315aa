"""Draws the first screen: the chat page before there is a chat. No script, one style, one request.

Chainlit's own form insists on a password (frontend/src/components/LoginForm.tsx:138), and waits for a
4.6 MB bundle. Here the bundle is fetched while the participant writes their name.
"""

import html
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse

from page.chainlit import welcome
from page.chainlit.cookies import signed_in
from stages.entry.refusals import EntryRefused
from study.closing import closing_text
from study.definition import Study
from study.language import language_for
from study.participation import LoginMode
from study.strings import Strings, strings_in
from study.vocabulary import StudyState
from web.pages import BASE_SHEET, hash_of, page_headers, policy, style_of, templates_in

_PAGE: Final = Path(__file__).parents[1]

# What each way in asks for at first.
_ASKED: Final = {
    LoginMode.CLAIM: ("username",),
    LoginMode.OPEN: ("username",),
    LoginMode.PASSWORD: ("username", "password"),
    LoginMode.LINK: (),
}
_HINTS: Final = {
    LoginMode.CLAIM: "entry.hint_claim",
    LoginMode.OPEN: "entry.hint_open",
    LoginMode.PASSWORD: "entry.hint_password",
}


class RunningStudy(Protocol):
    """The study that is running."""

    @property
    def definition(self) -> Study:
        """Its file, as it was loaded last."""


@dataclass(frozen=True)
class ShownForm:
    """What stands on the page besides the study.

    Args:
        status: Of the answer.
        name: In the field for it.
        refused: Why nobody came in.
        fields: What is asked for instead of what the mode asks for.
        action: Where the form goes.
    """

    status: int = 200
    name: str = ""
    refused: EntryRefused | None = None
    fields: tuple[str, ...] | None = None
    action: str = "/login"


class EntryPage:
    """Draws it.

    Args:
        study: Read at each request, so that a study loaded anew shows at once.
        ahead: Gives the addresses of the scripts and styles that the chat will need.
    """

    def __init__(self, study: RunningStudy, ahead: Callable[[], Sequence[str]] = tuple) -> None:
        self._study = study
        self._template = templates_in(_PAGE / "templates").get_template("login.html")
        self._style = style_of(BASE_SHEET, _PAGE / "inlined/login.css")
        self._ahead = ahead
        own = "'self'"
        opened = policy(
            # Scripts are fetched ahead from our own origin; none stands in the page, and none is run.
            script_src=own,
            style_src=f"{own} {hash_of(self._style)}",
            img_src=own,
            font_src=own,
            form_action=own,
            frame_ancestors=own,
        )
        self._headers = page_headers(opened) | {"Vary": "Accept-Language"}

    def strings_of(self, request: Request) -> Strings:
        """What the page says, in the visitor's language."""
        fixed = self._study.definition.language
        return strings_in(language_for(request.headers, fixed))

    def __call__(self, request: Request, shown: ShownForm | None = None) -> HTMLResponse:
        """Draw it for a visitor."""
        shown = shown or ShownForm()
        definition = self._study.definition
        strings = self.strings_of(request)
        mode = LoginMode(definition.login.mode)
        fields = _ASKED[mode] if shown.fields is None else shown.fields
        refused, user = shown.refused, signed_in(request)
        closed = refused is not None and refused.closed is not None
        if refused is not None and refused.closed is StudyState.ENDED:
            fields = ()
        before, _, after = strings("entry.here_as", name="\0").partition("\0")
        page = self._template.render(
            t=strings,
            title=definition.title,
            # The first paragraph, so that the field is in sight; the chat's first screen has them all.
            about=Markup(welcome.first_paragraph(definition.welcome)),  # noqa: S704  # escaped there
            contact=definition.contact,
            style=self._style,
            ahead=Markup("".join(map(_ahead, self._ahead()))),  # noqa: S704  # escaped there
            action=shown.action,
            fields=fields,
            name=_writable(shown.name),
            problem=_problem(definition, refused, strings) if refused else None,
            closed=closed,
            calm=shown.status == 200 or closed,
            hint=strings(_HINTS[mode]) if mode in _HINTS and "code" not in fields and not closed else None,
            here_as=(before, user.display_name or user.identifier, after) if user else None,
        )
        return HTMLResponse(page, shown.status, self._headers | (refused.headers if refused else {}))


def _problem(definition: Study, refused: EntryRefused, strings: Strings) -> str | Markup:
    """Why nobody comes in; a study that is closed says it in its own words."""
    if refused.closed is None:
        return refused.sentence(strings)
    text = closing_text(definition, refused.closed, strings)
    return Markup(welcome.whole(text))  # noqa: S704  # escaped there


def _ahead(address: str) -> str:
    """Name a file that the chat will need: fetched once this page is drawn, and in the cache then."""
    kind = 'rel="modulepreload"' if address.endswith(".js") else 'rel="prefetch" as="style"'
    return f'<link {kind} href="{html.escape(address)}">'


def _writable(name: str) -> str:
    """What can be put back into the field: HTML has no way to write control characters.

    All else stays, or the name that is sent next would be another one.
    """
    return "".join(character for character in name if unicodedata.category(character) not in ("Cc", "Cs"))
