"""Who is signed in: Chainlit's cookie, read and written in one place; and the cookie that knows a browser.

The first is a token that names a sign-in, and is worth as much as that: session_check.py takes it off every
request whose sign-in has ended, before anybody reads it here or in Chainlit.
"""

import copy
import re
import secrets
import time
from collections import OrderedDict
from datetime import timedelta
from typing import Final

import jwt
from chainlit.auth import clear_auth_cookie, create_jwt, get_token_from_cookies, set_auth_cookie
from chainlit.auth import cookie as chainlit_cookie
from chainlit.auth.jwt import decode_jwt, get_jwt_secret
from chainlit.config import config
from chainlit.user import User
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

# What the token says besides the participant and the times.
SIGN_IN: Final = "sign_in"

# Chainlit's own, or those that begin with it: a long token is cut into pieces (auth/cookie.py:124).
SESSION_COOKIE: Final[str] = chainlit_cookie._auth_cookie_name

BROWSER_COOKIE: Final = "verbatim_browser"
_BROWSER_LASTS_S: Final = 365 * 24 * 60 * 60
_BROWSER: Final = re.compile(r"[A-Za-z0-9_-]{43}")  # 32 random bytes


def signed_in(connection: HTTPConnection) -> User | None:
    """Read the session cookie.

    Args:
        connection: A request or a WebSocket.

    Returns:
        Chainlit's User (identifier is the participant_id), or None when there is no cookie, or it
        is forged, expired or of another make.
    """
    token = get_token_from_cookies(dict(connection.cookies))
    if not token:
        return None
    try:
        user = read_token(token)
    except (jwt.InvalidTokenError, KeyError, TypeError, ValueError):
        return None
    return user if isinstance(user.identifier, str) else None


def who_is_in(connection: HTTPConnection) -> tuple[str, str] | None:
    """Whom the session cookie names, and the sign-in; that it goes on is to be looked up.

    Returns:
        participant_id and sign_in_id; None without a cookie that says both.
    """
    user = signed_in(connection)
    sign_in_id = sign_in_of(user) if user else None
    return (user.identifier, sign_in_id) if user is not None and sign_in_id is not None else None


def read_token(token: str) -> User:
    """Whose a token is. One that was found right stays so until it expires, and is not computed again.

    That a sign-in goes on is no token's to say: it is looked up each time (session_check.py).

    Raises:
        jwt.InvalidTokenError: It is forged or expired.
        KeyError, TypeError, ValueError: It is of another make.
    """
    key = (get_jwt_secret() or "", token)
    known = _right.get(key)
    if known is None or time.time() >= known[1]:
        user: User = decode_jwt(token)
        until = jwt.decode(token, options={"verify_signature": False})["exp"]
        known = _right[key] = user, float(until)
        while len(_right) > _RIGHT_MOST:
            _right.popitem(last=False)
    # A copy: Chainlit keeps it with a page's session.
    return copy.copy(known[0])


# Each request's cookie is read by up to three that ask; by their text, under the secret that they bore.
_right: Final[OrderedDict[tuple[str, str], tuple[User, float]]] = OrderedDict()
_RIGHT_MOST: Final = 5_000


def sign_in_of(user: User) -> str | None:
    """The sign-in that a token names; None in one of an earlier version, which had none."""
    named = user.metadata.get(SIGN_IN) if isinstance(user.metadata, dict) else None
    return named if isinstance(named, str) else None


def lasts() -> timedelta:
    """How long a sign-in lasts at most: .chainlit/config.toml says it."""
    return timedelta(seconds=config.project.user_session_timeout)


def sign_in(
    request: Request, response: Response, *, participant_id: str, shown_name: str, sign_in_id: str
) -> None:
    """Set the session cookie on a response.

    The token carries the participant_id, the shown name, the sign-in and its times, and nothing
    else: the browser can read it.
    """
    user = User(identifier=participant_id, display_name=shown_name, metadata={SIGN_IN: sign_in_id})
    set_auth_cookie(request, response, create_jwt(user))
    make_secure(request, response)


def sign_out(request: Request, response: Response) -> None:
    """Take the session cookie away."""
    clear_auth_cookie(request, response)
    make_secure(request, response)


def browser_of(request: Request) -> str | None:
    """The random id by which a browser is known again; None in one that has none yet."""
    value = request.cookies.get(BROWSER_COOKIE, "")
    return value if _BROWSER.fullmatch(value) else None


def new_browser() -> str:
    """Make an id for a browser that has none."""
    return secrets.token_urlsafe(32)


def know_browser(request: Request, response: Response, browser: str) -> None:
    """Give a browser its id, for a year from now."""
    response.set_cookie(
        BROWSER_COOKIE, browser, max_age=_BROWSER_LASTS_S, path="/", httponly=True, samesite="lax"
    )
    make_secure(request, response)


def make_secure(request: Request, response: Response) -> None:
    """Behind TLS no cookie of a response ever travels in clear text.

    Chainlit sets Secure only together with SameSite=None (auth/cookie.py:26).
    """
    if request.url.scheme != "https":
        return
    response.raw_headers = [
        (name, value + b"; Secure" if name == b"set-cookie" and b"secure" not in value.lower() else value)
        for name, value in response.raw_headers
    ]
