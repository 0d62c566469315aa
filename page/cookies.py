"""Who is signed in: Chainlit's cookie, read and written in one place."""

import jwt
from chainlit.auth import create_jwt, get_token_from_cookies, set_auth_cookie
from chainlit.auth.jwt import decode_jwt
from chainlit.user import User
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response


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
        user: User = decode_jwt(token)
    except (jwt.InvalidTokenError, KeyError, TypeError, ValueError):
        return None
    return user


def sign_in(request: Request, response: Response, *, participant_id: str, shown_name: str) -> None:
    """Set the session cookie on a response.

    The token carries the participant_id, the shown name and its times, and nothing else: the
    browser can read it.
    """
    token = create_jwt(User(identifier=participant_id, display_name=shown_name))
    set_auth_cookie(request, response, token)
    if request.url.scheme == "https":
        _make_secure(response)


def _make_secure(response: Response) -> None:
    # Chainlit sets Secure only together with SameSite=None (auth/cookie.py:26); behind TLS the
    # cookie should never travel in clear text.
    response.raw_headers = [
        (name, value + b"; Secure" if name == b"set-cookie" and b"secure" not in value.lower() else value)
        for name, value in response.raw_headers
    ]
