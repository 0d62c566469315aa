"""The way in over a real record, and browsers before it."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any, Final

import httpx2
import pytest
from argon2 import PasswordHasher
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from data_layer.people.passwords import Passwords
from data_layer.record import Record
from page.chainlit.cookies import signed_in
from page.chainlit.request_guard import Guards
from page.entry.routes import entry_routes
from page.me.participant_request import ParticipantRoutes
from stages.entry.throttle import EntryThrottle
from study.definition import Study

SECRET: Final = "a secret of the tests, long enough for HS256"
ORIGIN: Final = "http://study.test"


class Front:
    """The app's front: the way in, behind it a page that says who is there."""

    def __init__(self, record: Record) -> None:
        self.record = record
        self.closed: list[str] = []
        self._definition = self.study()
        own = ParticipantRoutes()
        way_in, account = entry_routes(
            self,
            record,
            self._close,
            own,
            index=lambda: '<script src="/assets/index-1.js"></script><link href="/assets/index-2.css">',
            allowed_origins=["https://study.example.org"],
            throttle=EntryThrottle(60),
        )
        guards = Guards(record.sign_ins.holds, ["https://study.example.org"])
        rest = guards.pages([Route("/{rest:path}", _who)])
        self.app = Starlette(routes=[*guards.entry(way_in), *guards.own(account), *rest])

    @property
    def definition(self) -> Study:
        """The study that runs."""
        return self._definition

    def study(self, **fields: Any) -> Study:
        """A study, as its file says it."""
        words = {"id": "example", "title": "Everyday talk", "contact": "Dr. Kim, kim@university.example"}
        agent = {"name": "ELIZA", "kind": "eliza", "default": True, "description": "Asks back."}
        about = {"welcome": "We study how people chat.\n\nIt takes ten minutes.", "agents": [agent]}
        return Study.model_validate(words | about | fields)

    def run(self, mode: str, **fields: Any) -> None:
        """Let people in another way."""
        login = {"mode": mode} | fields.pop("login", {})
        self._definition = self.study(login=login, **fields)

    async def _close(self, sign_in_id: str) -> None:
        self.closed.append(sign_in_id)


async def _who(request: Request) -> PlainTextResponse:
    user = signed_in(request)
    return PlainTextResponse(user.identifier if user else "nobody")


Browser = httpx2.AsyncClient
Open = Callable[..., Browser]


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One database is enough for what the page says; claims and races have tests on both."""
    return sqlite_url


@pytest.fixture
def front(record: Record, monkeypatch: pytest.MonkeyPatch) -> Front:
    """The app's front."""
    monkeypatch.setenv("CHAINLIT_AUTH_SECRET", SECRET)
    # The cheapest Argon2: its cost is not what is tested.
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    record.passwords = Passwords(record.store, cheap)
    return Front(record)


@pytest.fixture
async def browser(front: Front) -> AsyncIterator[Open]:
    """Open browsers, each with cookies of its own."""
    async with AsyncExitStack() as stack:

        def open_one(address: str = "203.0.113.7", origin: str = ORIGIN) -> Browser:
            transport = httpx2.ASGITransport(front.app, client=(address, 50_000))
            opened = Browser(transport=transport, base_url=origin)
            stack.push_async_callback(opened.aclose)
            return opened

        yield open_one


@pytest.fixture
def client(browser: Open) -> Browser:
    """One browser."""
    return browser()


async def come(client: Browser, name: str, **fields: str) -> httpx2.Response:
    """Send the form."""
    return await client.post("/login", data={"username": name} | fields)


async def who(client: Browser) -> str:
    """Who the server takes a browser for."""
    return (await client.get("/")).text


async def code_of(client: Browser) -> str:
    """The resume code that a participant's menu shows."""
    return str((await client.get("/me/identity")).json()["resume_code"])
