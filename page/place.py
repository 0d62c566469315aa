"""Which of several processes a participant's pages lead to: a cookie that a proxy hashes.

All pages of a participant in one process: then turns, a Stop, what other tabs show and how fast one may go
are right as they are, without a word between processes. The cookie says nothing of who it is: it is one of
256, the first byte of a digest. What leads elsewhere all the same is right, and slower (decision 0056).
"""

import hashlib
from http.cookies import SimpleCookie
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from page.chainlit.cookies import who_is_in

PLACE_COOKIE: Final = "verbatim_place"
_LASTS_S: Final = 365 * 24 * 60 * 60


def place_of(participant_id: str) -> str:
    """One of 256 places, as two hexadecimal digits."""
    return hashlib.sha256(participant_id.encode()).hexdigest()[:2]


class PlaceCookie:
    """Gives whoever is in their place, with whatever they ask for first.

    Args:
        app: The participants' page.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        place = _place_to_give(scope) if scope["type"] == "http" else None

        async def sending(message: Message) -> None:
            if place is not None and message["type"] == "http.response.start":
                MutableHeaders(scope=message).append("set-cookie", _cookie(place, scope["scheme"]))
            await send(message)

        await self._app(scope, receive, sending)


def _place_to_give(scope: Scope) -> str | None:
    connection = HTTPConnection(scope)
    who = who_is_in(connection)
    if who is None:
        return None
    place = place_of(who[0])
    return None if connection.cookies.get(PLACE_COOKIE) == place else place


def _cookie(place: str, scheme: str) -> str:
    cookie: SimpleCookie = SimpleCookie({PLACE_COOKIE: place})
    said = {
        "path": "/",
        "httponly": True,
        "samesite": "lax",
        "max-age": _LASTS_S,
        "secure": scheme == "https",
    }
    for name, value in said.items():
        cookie[PLACE_COOKIE][name] = value
    return cookie[PLACE_COOKIE].OutputString()
