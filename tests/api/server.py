"""The API behind a real server on loopback, in the loop of the test: streams come as they are told."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import httpx2
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import ASGIApp

from web.below import Below
from web.compression import Compression
from web.guards import OriginCheck, ResponseHeaders

# To read the machine's certificates for each program would take longer than most tests.
_NO_TLS: Final = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@asynccontextmanager
async def served(app: ASGIApp, below: str = "") -> AsyncIterator[str]:
    """Serve an app at /api/v1.

    Args:
        app: It.
        below: The path of a proxy, which hands it on.

    Yields:
        Its address, with the path.
    """
    guarded = OriginCheck(app)
    outer: ASGIApp = ResponseHeaders(Compression(Starlette(routes=[Mount("/api/v1", guarded)])))
    outer = Below(outer, below) if below else outer
    config = uvicorn.Config(
        outer, "127.0.0.1", 0, lifespan="off", log_level="warning", ws="websockets-sansio"
    )
    server = uvicorn.Server(config)
    server.install_signal_handlers = contextlib.nullcontext  # type: ignore[attr-defined]
    running = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110  # uvicorn tells nobody
        await asyncio.sleep(0.001)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}{below}/api/v1"
    server.should_exit = True
    await running


class Client:
    """A program of one participant's."""

    def __init__(self, base: str) -> None:
        self.http = httpx2.AsyncClient(base_url=base, timeout=20, verify=_NO_TLS)
        self.tokens: dict[str, object] = {}

    async def sign_in(self, name: str, password: str = "") -> dict[str, object]:
        """Come in by a name."""
        answer = await self.http.post("/auth/login", data={"username": name, "password": password})
        assert answer.status_code == 200, answer.text
        self.tokens = answer.json()
        self.http.headers["Authorization"] = f"Bearer {self.tokens['access_token']}"
        return self.tokens

    async def begin(self, **new: object) -> str:
        """Begin a thread; its id."""
        answer = await self.http.post("/threads", json=new)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["thread"]["id"])
