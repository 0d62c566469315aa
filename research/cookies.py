"""The cookie of a researcher's session, and the token that each of their forms bears."""

import hashlib
import hmac
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

COOKIE: Final = "verbatim_research"
_PATH: Final = "/research"


def session_token(request: Request) -> str | None:
    """The session's token, as the browser sent it."""
    return request.cookies.get(COOKIE) or None


def give(request: Request, response: Response, token: str, lasts_s: int) -> None:
    """Give a browser its session: for these pages alone, out of scripts' reach."""
    response.set_cookie(
        COOKIE,
        token,
        max_age=lasts_s,
        path=_PATH,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )


def take(request: Request, response: Response) -> None:
    """Take it away."""
    response.delete_cookie(
        COOKIE, path=_PATH, httponly=True, samesite="lax", secure=request.url.scheme == "https"
    )


def csrf_of(token: str) -> str:
    """What a form of this session bears: nobody has it who has not read one of its pages.

    OWASP, Cross-Site Request Forgery Prevention, "HMAC based token pattern".
    """
    return hmac.new(token.encode(), b"form", hashlib.sha256).hexdigest()


def is_csrf(token: str, given: str) -> bool:
    """Whether a form is this session's."""
    return hmac.compare_digest(csrf_of(token).encode(), given.encode())
