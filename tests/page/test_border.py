"""The border before Chainlit's routes: doors that are closed, and whose request is being served."""

import jwt
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket

from page.border import CLOSED, Border, current_participant

SECRET = "a secret of the tests, long enough for HS256"


async def who(request: Request) -> PlainTextResponse:
    """Say whose request it is."""
    return PlainTextResponse(current_participant() or "nobody")


async def socket(socket: WebSocket) -> None:
    """Say it over a WebSocket."""
    await socket.accept()
    await socket.send_text(current_participant() or "nobody")
    await socket.close()


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> TestClient:
    """A browser before an app that answers every path."""
    monkeypatch.setenv("CHAINLIT_AUTH_SECRET", SECRET)
    routes = [
        WebSocketRoute("/ws/{rest:path}", socket),
        Route("/{rest:path}", who, methods=["GET", "POST", "PUT", "DELETE"]),
    ]
    return TestClient(Border(Starlette(routes=routes)))


def cookie(identifier: str, secret: str = SECRET) -> dict[str, str]:
    """Somebody's cookie."""
    return {"access_token": jwt.encode({"identifier": identifier, "exp": 2**33}, secret)}


@pytest.mark.parametrize("door", CLOSED)
@pytest.mark.parametrize("rest", ["", "/", "/x", "/x/y?z=1"])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_a_closed_door_is_closed(client: TestClient, door: str, rest: str, method: str) -> None:
    """By every method, with everything behind it."""
    assert client.request(method, door + rest).status_code == 404


@pytest.mark.parametrize("path", ["/%64ocs", "/project%2Felement", "/docs%2F", "/project/%65lement"])
def test_an_encoded_door_is_closed(client: TestClient, path: str) -> None:
    """What a route would take for the door is the door."""
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/", "/docsy", "/project/threads", "/project/thread/abc", "/files/x"])
def test_other_doors_are_open(client: TestClient, path: str) -> None:
    """A name that only begins like a closed one is another."""
    assert client.get(path).status_code == 200


def test_a_request_has_an_owner(client: TestClient) -> None:
    """The one whose cookie came with it."""
    client.cookies.update(cookie("ada"))
    assert client.get("/").text == "ada"


def test_without_a_cookie_it_is_nobodys(client: TestClient) -> None:
    """Nor with a forged or broken one."""
    assert client.get("/").text == "nobody"
    client.cookies.update(cookie("ada", "another secret of thirty-two bytes!!"))
    assert client.get("/").text == "nobody"
    client.cookies.update({"access_token": "no token"})
    assert client.get("/").text == "nobody"


def test_the_next_request_is_not_the_last_ones(client: TestClient) -> None:
    """Nothing of a request stays behind."""
    client.cookies.update(cookie("ada"))
    client.get("/")
    client.cookies.clear()
    assert client.get("/").text == "nobody"
    assert current_participant() is None


def test_a_socket_passes_untouched(client: TestClient) -> None:
    """The guard looks after sockets; no request's owner is theirs."""
    client.cookies.update(cookie("ada"))
    with client.websocket_connect("/ws/socket.io") as opened:
        assert opened.receive_text() == "nobody"
