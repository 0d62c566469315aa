"""The half of a participant's browser that speaks HTTP: one cookie jar, the page's own reads."""

import base64
import hashlib
import json
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import urlsplit

import aiohttp

from simulation.connection import ServerAway
from study.errors import SimulationError
from study.text import beginning
from study.vocabulary import Transport

# What Chainlit's page asks for when it is opened: the sidebar twice, the search box once
# (ThreadHistory.tsx, Search.tsx).
THREAD_PAGES: Final = (35, 35, 20)
# Where its buttons go.
PRESS: Final = "project/action"
# What a proxy answers while the server behind it is away, and ours while its database is.
BEHIND_A_PROXY: Final = (502, 503, 504)
# One point, and one line: what a form that asks for a file is given.
_PICTURE: Final = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
_FILES: Final = (("picture.png", base64.b64decode(_PICTURE)), ("note.txt", b"One line.\n"))


@dataclass(frozen=True)
class Door:
    """How participants of one server log in.

    Args:
        base_url: Such as "http://127.0.0.1:8000".
        password: Only for an app that asks for one, such as the bench's stock app.
        timeout_s: How long a request may take; a browser waits for minutes.
        tls: For an https address with a certificate of one's own; None for the system's roots.
        transport: How their pages are connected.
    """

    base_url: str
    password: str | None = None
    timeout_s: float = 60.0
    tls: ssl.SSLContext | None = None
    transport: Transport = Transport.WEBSOCKET

    def __post_init__(self) -> None:
        if not self.base_url.startswith(("http://", "https://")):
            raise SimulationError(
                f"--url {self.base_url!r} is not an address. Write it like: --url http://127.0.0.1:8000"
            )


@dataclass
class Waits:
    """How long the server took, in seconds."""

    logins: list[float] = field(default_factory=list)
    reads: list[float] = field(default_factory=list)


class Browser:
    """One participant's cookies and requests."""

    def __init__(self, door: Door, name: str) -> None:
        self.door = door
        self.name = name
        self.waits = Waits()
        self.http = aiohttp.ClientSession(
            base_url=door.base_url.rstrip("/") + "/",
            cookie_jar=aiohttp.CookieJar(unsafe=True),  # cookies of bare IP addresses as well
            connector=aiohttp.TCPConnector(limit=6, ssl=door.tls or True),  # as browsers do
            timeout=aiohttp.ClientTimeout(total=door.timeout_s),
            headers={
                "Accept-Language": "en-US",
                "Origin": "{0.scheme}://{0.netloc}".format(urlsplit(door.base_url)),
            },
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.http.close()

    async def log_in(self) -> None:
        """Send the log-in form and keep the cookie.

        Raises:
            ServerAway: A proxy stands before a server that does not answer.
            SimulationError: The answer was not a redirect (or 200) with a cookie.
        """
        form = {"username": self.name}
        if self.door.password is not None:
            form["password"] = self.door.password
        # A name belongs to the browser that used it first: each simulated one comes back, in another run too.
        known = {"verbatim_browser": _device_of(self.name)}
        began = time.perf_counter()
        async with self.http.post("login", data=form, cookies=known, allow_redirects=False) as answer:
            await answer.read()
            status = answer.status
        self.waits.logins.append(time.perf_counter() - began)
        if status in BEHIND_A_PROXY:
            raise ServerAway(f"POST /login answered {status}")
        if status not in (200, 302, 303) or not len(self.http.cookie_jar):
            raise SimulationError(f"{self.name}: POST /login answered {status} and {self._cookies()}")

    async def open_page(self, session_id: str) -> None:
        """Ask for what the page asks for before it connects.

        Args:
            session_id: Chainlit's name of this page load.
        """
        await self._read("GET", "user")
        await self._read("GET", "project/settings?language=en-US")
        for first in THREAD_PAGES:
            await self._read("POST", "project/threads", {"pagination": {"first": first}, "filter": {}})
        await self._read("POST", "set-session-cookie", {"session_id": session_id})

    async def press(self, session_id: str, action: Mapping[str, Any]) -> None:
        """Press a button that the chat offered.

        Args:
            session_id: Chainlit's name of this page load.
            action: The button, as the `action` event brought it.
        """
        await self._send("POST", PRESS, {"sessionId": session_id, "action": dict(action)})

    async def upload(self, session_id: str) -> str:
        """Give a small file: a picture, or where none is taken a text.

        Args:
            session_id: Chainlit's name of this page load.

        Returns:
            The upload's id.

        Raises:
            SimulationError: Neither is taken.
        """
        refused = ""
        for name, content in _FILES:
            body = aiohttp.FormData()
            body.add_field("file", content, filename=name)
            async with self.http.post(f"project/file?session_id={session_id}", data=body) as answer:
                text = await answer.text()
                if answer.status == 200:
                    return str(json.loads(text)["id"])
                refused = f"{answer.status}: {beginning(text, 200)}"
        raise SimulationError(f"{self.name}: POST /project/file answered {refused}")

    async def _read(self, method: str, path: str, body: Any = None) -> None:
        began = time.perf_counter()
        await self._send(method, path, body)
        self.waits.reads.append(time.perf_counter() - began)

    async def _send(self, method: str, path: str, body: Any) -> None:
        async with self.http.request(method, path, json=body) as answer:
            text = await answer.text()
            kind = answer.content_type
        # A button of a page load that the process does not know: a proxy has sent it elsewhere meanwhile, and
        # the connection is about to follow.
        if answer.status in BEHIND_A_PROXY or (answer.status == 404 and path == PRESS):
            raise ServerAway(f"{method} /{path} answered {answer.status}")
        # Chainlit answers an unknown path with its page and 200, so the type has to be looked at.
        if answer.status != 200 or kind != "application/json":
            raise SimulationError(
                f"{self.name}: {method} /{path} answered {answer.status} {kind}: {beginning(text, 200)}"
            )

    def _cookies(self) -> str:
        names = sorted({cookie.key for cookie in self.http.cookie_jar})
        return f"set the cookies {', '.join(names)}" if names else "set no cookie"


def _device_of(name: str) -> str:
    digest = hashlib.sha256(f"the browser of {name}".encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
