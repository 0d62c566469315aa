"""The way in: one field for a name, no password.

The form is a page of its own instead of Chainlit's: that one insists on a password
(frontend/src/components/LoginForm.tsx:138), and waits for a 4.6 MB bundle.
"""

import base64
import hashlib
import json
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import parse_qs, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from page import welcome
from page.cookies import sign_in, signed_in
from study.names import LONGEST_NAME, NameRefused, normalise_name

# A name of 80 characters takes under 3 kB as a form; more is not a name.
LONGEST_FORM: Final = 16_384

_HERE: Final = Path(__file__).parent
_THEME: Final = _HERE.parent / "public" / "theme.json"


class Participant(Protocol):
    """Who came in."""

    @property
    def participant_id(self) -> str:
        """The pseudonym."""

    @property
    def shown_name(self) -> str:
        """The name as the page shows it."""


class Definition(Protocol):
    """What the form says about the study."""

    @property
    def title(self) -> str:
        """The study's name."""

    @property
    def welcome(self) -> str:
        """A few lines about it, in Markdown."""

    @property
    def contact(self) -> str:
        """Whom participants can ask."""


class Study(Protocol):
    """The study that is running."""

    @property
    def definition(self) -> Definition:
        """Its file."""


Enter = Callable[[str], Awaitable[Participant]]


class CannotEnter(Exception):
    """What `enter` raises when the record cannot be reached; the participant may try again."""


class FormRefused(Exception):
    """A form that is not ours, with the status and the sentence that answer it."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence


def login_routes(study: Study, enter: Enter, *, allowed_origins: Sequence[str] = ()) -> list[BaseRoute]:
    """Make the routes of the way in.

    Args:
        study: Read at each request, so that a study loaded anew shows at once.
        enter: Finds or makes the participant of a name; is given the name as it is shown. May
            raise CannotEnter.
        allowed_origins: Origins beside the request's own that the form may be sent from, such as
            the public address behind a proxy that rewrites Host: "https://study.example.org".

    Returns:
        Routes for the front of the app's list: after Chainlit's catch-all they are never reached.
    """
    show = _Form(study)

    async def login(request: Request) -> Response:
        if request.method != "POST":
            user = signed_in(request)
            return show(200, signed_in_as=user.display_name if user else None)
        name = ""
        try:
            _check_origin(request, allowed_origins)
            name = await _name_in(request)
            shown = normalise_name(name).shown
        except FormRefused as refused:
            return show(refused.status, name=name, problem=refused.sentence)
        except NameRefused as refused:
            return show(422, name=name, problem=str(refused))
        try:
            participant = await enter(shown)
        except CannotEnter:
            return show(503, name=name, problem="Nobody can come in just now. Please try again in a minute.")
        response = RedirectResponse("/", 303, {"Cache-Control": "no-store"})
        sign_in(
            request, response, participant_id=participant.participant_id, shown_name=participant.shown_name
        )
        return response

    async def elsewhere(request: Request) -> Response:
        # Chainlit's page would draw its password form at /login/ and /login/callback.
        return RedirectResponse("/login", 303)

    return [
        Route("/login", login, methods=["GET", "POST"], name="login"),
        Route("/login/{rest:path}", elsewhere, methods=["GET"]),
    ]


class _Form:
    """Draws the form. The style is inside the page: one request, and nothing to wait for."""

    def __init__(self, study: Study) -> None:
        self._study = study
        templates = Environment(
            loader=FileSystemLoader(_HERE / "templates"), autoescape=True, undefined=StrictUndefined
        )
        self._template = templates.get_template("login.html")
        self._style = _colours() + (_HERE / "static" / "login.css").read_text(encoding="utf-8")
        digest = base64.b64encode(hashlib.sha256(self._style.encode()).digest()).decode()
        self._headers = {
            "Cache-Control": "no-store",
            "Content-Security-Policy": (
                f"default-src 'none'; style-src 'sha256-{digest}'; img-src 'self'; font-src 'self'; "
                "form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
            ),
            # Not "no-referrer": with it browsers send "Origin: null", and our own form would be refused.
            "Referrer-Policy": "same-origin",
            "X-Content-Type-Options": "nosniff",
        }

    def __call__(
        self, status: int, *, name: str = "", problem: str | None = None, signed_in_as: str | None = None
    ) -> HTMLResponse:
        definition = self._study.definition
        page = self._template.render(
            title=definition.title,
            # The first paragraph, so that the field is in sight; the chat's first screen has them all.
            about=welcome.first_paragraph(definition.welcome),
            contact=definition.contact,
            style=self._style,
            name=_printable(name),
            problem=problem,
            signed_in_as=signed_in_as,
            longest_name=LONGEST_NAME,
        )
        return HTMLResponse(page, status, self._headers)


def _colours() -> str:
    """The theme's variables as CSS, so that this page and the chat can never differ."""
    variables = json.loads(_THEME.read_text(encoding="utf-8"))["variables"]
    light, dark = (
        "".join(f"{name}:{value};" for name, value in variables[theme].items()) for theme in ("light", "dark")
    )
    return f":root{{{light}}}@media(prefers-color-scheme:dark){{:root{{{dark}}}}}"


def _printable(name: str) -> str:
    """What can be put back into the field: HTML has no way to write the other characters."""
    return "".join(character for character in name if character.isprintable())


def _check_origin(request: Request, allowed: Sequence[str]) -> None:
    """Refuse a form that another site sends, which would sign its visitor in as somebody else.

    Browsers name the origin of every form they post; programs, such as simulated participants,
    carry no other site's page and may leave it out.
    """
    origin = request.headers.get("origin") or request.headers.get("referer")
    if origin is None or origin in allowed:
        return
    # The host with its port. The scheme is left out: a proxy that ends TLS makes it differ.
    if urlsplit(origin).netloc.lower() != request.headers.get("host", "").lower():
        raise FormRefused(403, "That form came from another site. Please write your name here.")


async def _name_in(request: Request) -> str:
    """Read the field `username` of a posted form, never more than LONGEST_FORM bytes of it."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise FormRefused(415, "That was not sent by this form. Please write your name here.")
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > LONGEST_FORM:
                raise FormRefused(413, f"That is too long. Please use {LONGEST_NAME} characters or fewer.")
        fields = parse_qs(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=20)
    except (ValueError, ClientDisconnect):
        raise FormRefused(422, "That name could not be read. Please write it again.") from None
    return fields.get("username", [""])[0]
