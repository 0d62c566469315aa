"""The border of the running app, attacked by a participant with a valid cookie and by one without."""

import asyncio
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
import socketio

from bench.process import ServerProcess
from page.border import CLOSED
from simulation.browser import Browser, Door
from simulation.conversation import Conversation, Line
from simulation.run import script_of
from study.dialogs import read_dialogs
from tests.journeys.server import DIALOGS, make_server

pytestmark = pytest.mark.journey

WITHIN_S = 30
NUMBER = 1


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The server's data folder."""
    return tmp_path_factory.mktemp("border")


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[ServerProcess]:
    """A server in which Owner has one thread."""
    with make_server(folder) as running:
        yield running


@pytest.fixture(scope="module")
def thread_id(server: ServerProcess) -> str:
    """Owner's thread, with one turn in it."""
    script = script_of(read_dialogs(DIALOGS)[NUMBER], NUMBER, 0)

    async def speak() -> None:
        async with Browser(Door(server.url), "Owner") as browser:
            await browser.log_in()
            conversation = Conversation(browser, thread_id=script.thread_id, patience_s=WITHIN_S)
            await conversation.say(Line(*script.lines[0]))
            await conversation.close()

    asyncio.run(speak())
    return script.thread_id


@contextmanager
def signed_in(server: ServerProcess, name: str) -> Iterator[httpx2.Client]:
    """A browser without a page."""
    with httpx2.Client(base_url=server.url, timeout=WITHIN_S) as client:
        assert client.post("/login", data={"username": name}).status_code == 303
        yield client


def rows(folder: Path, query: str) -> list[tuple[Any, ...]]:
    """Look into the record."""
    connection = sqlite3.connect(f"file:{next(folder.rglob('verbatim.db'))}?mode=ro", uri=True)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


@pytest.mark.parametrize("path", [*CLOSED, "/docs/", "/copilot/index.js", "/project/share/anything"])
def test_a_closed_door_is_closed(server: ServerProcess, path: str) -> None:
    """What this app does not offer is not there, for whoever is signed in as well."""
    with signed_in(server, "Visitor") as client:
        for method in ("GET", "POST", "PUT", "DELETE"):
            assert client.request(method, path).status_code == 404


def test_an_unknown_path_is_not_the_page(server: ServerProcess) -> None:
    """Chainlit shows its page under any address; here there is no such page."""
    with signed_in(server, "Visitor") as client:
        assert client.get("/no/such/page").status_code == 404


def test_nobody_reads_without_a_cookie(server: ServerProcess, thread_id: str) -> None:
    """Threads, one thread and oneself are for those who are signed in."""
    with httpx2.Client(base_url=server.url) as client:
        body = {"pagination": {"first": 20}, "filter": {}}
        assert client.post("/project/threads", json=body).status_code == 401
        assert client.get(f"/project/thread/{thread_id}").status_code == 401
        assert client.get("/user").status_code == 401


def test_a_forged_cookie_is_no_cookie(server: ServerProcess) -> None:
    """A token that another secret signed opens nothing."""
    token = (
        "eyJhbGciOiJIUzI1NiJ9.eyJpZGVudGlmaWVyIjoiYWRtaW4ifQ."  # {"identifier": "admin"}
        "c2lnbmVkLWJ5LXNvbWVib2R5LWVsc2UtMDAwMDAwMDAwMA"
    )
    with httpx2.Client(base_url=server.url, cookies={"access_token": token}) as client:
        assert client.get("/user").status_code == 401


def test_ones_account_tells_nothing_but_oneself(server: ServerProcess) -> None:
    """The pseudonym and the name that they typed: no condition, no other's, no secret."""
    with signed_in(server, "Visitor") as client:
        told = client.get("/user").json()
    assert set(told) == {"id", "identifier", "createdAt", "display_name", "metadata"}
    assert (told["display_name"], told["metadata"], told["id"]) == ("Visitor", {}, told["identifier"])


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_anothers_thread_is_not_read_renamed_or_deleted(
    server: ServerProcess, folder: Path, thread_id: str, method: str
) -> None:
    """Whoever knows its id gets an error, and nothing has changed."""
    with signed_in(server, "Stranger") as client:
        if method == "GET":
            answer = client.get(f"/project/thread/{thread_id}")
        else:
            body = {"threadId": thread_id, "name": "mine now"}
            answer = client.request(method, "/project/thread", json=body)
    assert answer.status_code in (401, 404)
    kept = rows(folder, f"SELECT title, deleted_at FROM threads WHERE thread_id = '{thread_id}'")
    assert kept[0][0] != "mine now"
    assert kept[0][1] is None


def test_anothers_reply_is_not_rated(server: ServerProcess, folder: Path, thread_id: str) -> None:
    """Chainlit checks nobody here (server.py:914); the record does, and says so in an event."""
    run_id = rows(folder, f"SELECT run_id FROM runs WHERE thread_id = '{thread_id}'")[0][0]
    with signed_in(server, "Stranger") as client:
        feedback = {"forId": run_id, "value": 0, "threadId": thread_id, "comment": "bad"}
        answer = client.put("/feedback", json={"feedback": feedback, "sessionId": str(uuid.uuid4())})
        assert answer.status_code >= 400
    with httpx2.Client(base_url=server.url) as client:
        answer = client.put("/feedback", json={"feedback": feedback, "sessionId": str(uuid.uuid4())})
        assert answer.status_code >= 400
    assert rows(folder, "SELECT * FROM ratings") == []


@pytest.mark.parametrize(("origin", "let_in"), [("http://evil.example", False), (None, True), ("own", True)])
async def test_only_our_own_pages_connect(server: ServerProcess, origin: str | None, let_in: bool) -> None:
    """A page of another origin cannot open a socket with a participant's cookie."""
    with signed_in(server, "Visitor") as browser:
        cookie = f"access_token={browser.cookies['access_token']}"
    headers = {"Cookie": cookie}
    if origin is not None:
        headers["Origin"] = server.url if origin == "own" else origin
    client = socketio.AsyncClient(reconnection=False)
    auth = {"sessionId": str(uuid.uuid4()), "clientType": "webapp", "userEnv": "{}", "threadId": ""}
    connected = True
    try:
        await client.connect(
            server.url,
            headers=headers,
            auth=auth,
            transports=["websocket"],
            socketio_path="/ws/socket.io",
            wait_timeout=5,
        )
    except socketio.exceptions.ConnectionError:
        connected = False
    finally:
        await client.disconnect()
    assert connected is let_in


async def test_a_socket_without_a_cookie_is_refused(server: ServerProcess) -> None:
    """Nobody speaks without having come in."""
    client = socketio.AsyncClient(reconnection=False)
    auth = {"sessionId": str(uuid.uuid4()), "clientType": "webapp", "userEnv": "{}", "threadId": ""}
    with pytest.raises(socketio.exceptions.ConnectionError):
        await client.connect(
            server.url,
            auth=auth,
            transports=["websocket"],
            socketio_path="/ws/socket.io",
            wait_timeout=5,
        )
    await client.disconnect()
