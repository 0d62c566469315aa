"""The border before Chainlit's routes: doors that are closed, and whose request is being served."""

import jwt
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, Router, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket
from structlog.testing import capture_logs

from page.border import CLOSED, LONGEST_BODY, PACE, Border, current_participant

SECRET = "a secret of the tests, long enough for HS256"


async def who(request: Request) -> PlainTextResponse:
    """Say whose request it is."""
    return PlainTextResponse(current_participant() or "nobody")


async def read(request: Request) -> PlainTextResponse:
    """Say how long the body is."""
    return PlainTextResponse(str(len(await request.body())))


async def own(request: Request) -> PlainTextResponse:
    """Say how the answer may be used."""
    headers = {"Cache-Control": "public, max-age=60", "Content-Security-Policy": "default-src 'self'"}
    return PlainTextResponse("", headers=headers)


async def none(request: Request) -> PlainTextResponse:
    """Refuse it, as a route of Chainlit's does."""
    return PlainTextResponse("", status_code=int(request.path_params["status"]))


async def none_shared(_: Request) -> PlainTextResponse:
    """Refuse a link that has ended."""
    return PlainTextResponse("", status_code=404)


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
        Route("/read", read, methods=["POST"]),
        Route("/own", own),
        Route("/none/{status}", none),
        Route("/shared/{token}", none_shared),
        Route("/{rest:path}", who, methods=["GET", "POST", "PUT", "DELETE"]),
    ]
    return TestClient(Border(Router(routes=routes), ["https://study.example.org"]))


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


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://testserver.evil.example", "", "http://["]
)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_another_site_changes_nothing(client: TestClient, method: str, origin: str) -> None:
    """What a page elsewhere makes a browser send does not reach a route."""
    answer = client.request(method, "/", headers={"Origin": origin})
    assert answer.status_code == 403
    assert answer.json()["problem"] == answer.json()["detail"] == "That request came from another site."


@pytest.mark.parametrize(
    "origin",
    ["http://testserver", "https://testserver", "HTTP://TESTSERVER", "https://study.example.org", None],
)
def test_our_own_page_changes_things(client: TestClient, origin: str | None) -> None:
    """From the server's own address, also behind TLS, from the public one; and programs name none."""
    headers = {"Origin": origin} if origin else {}
    assert client.post("/", headers=headers).status_code == 200


def test_another_site_may_be_linked_from(client: TestClient) -> None:
    """To look changes nothing."""
    assert client.get("/", headers={"Origin": "https://evil.example"}).status_code == 200


@pytest.mark.parametrize("length", [str(LONGEST_BODY + 1), "9" * 400, "-1", "1e3", "٣"])
def test_a_body_that_is_announced_as_long_is_not_read(client: TestClient, length: str) -> None:
    """Whatever its route would do with it."""
    answer = client.post("/", headers={b"Content-Length": length.encode()}, content=b"x")
    assert answer.status_code == 413


def test_a_body_that_becomes_long_is_not_read_to_its_end(client: TestClient) -> None:
    """In chunks, which announce nothing."""
    chunks = (b"x" * 100_000 for _ in range(100))
    assert client.post("/read", content=chunks).status_code == 413
    assert client.post("/read", content=b"x" * LONGEST_BODY).text == str(LONGEST_BODY)


def test_an_answer_says_how_it_may_be_used(client: TestClient) -> None:
    """Where its route says nothing; a route that does is left its word."""
    plain = client.get("/").headers
    assert plain["x-content-type-options"] == "nosniff"
    assert plain["cache-control"] == "no-store"
    assert "frame-ancestors 'none'" in plain["content-security-policy"]
    own = client.get("/own").headers
    assert own["cache-control"] == "public, max-age=60"
    assert own["content-security-policy"] == "default-src 'self'"


def test_one_participant_cannot_ask_for_everything(client: TestClient) -> None:
    """Too much of what changes or searches is refused for a while; what is only looked at is not."""
    client.cookies.update(cookie("ada"))
    statuses = [client.put("/me/x").status_code for _ in range(PACE[0] + 20)]
    assert statuses[: PACE[0]] == [200] * PACE[0]
    assert 429 in statuses
    assert client.get("/me/search").status_code == 429
    assert int(client.get("/me/search").headers["retry-after"]) >= 1
    assert client.get("/").status_code == 200
    client.cookies.update(cookie("bob"))
    assert client.put("/me/x").status_code == 200


@pytest.mark.parametrize("status", [401, 403, 404, 413, 415, 429])
def test_a_refusal_is_a_line_of_the_log(client: TestClient, status: int) -> None:
    """Whichever route has refused, Chainlit's too; what was refused, and how."""
    with capture_logs() as lines:
        client.get(f"/none/{status}?secret=1")
        client.get("/none/200")
    told = [(line["event"], line["what"], line["status"]) for line in lines]
    assert told == [("refused", f"GET '/none/{status}'", status)]


def test_a_refusal_by_the_border_says_why(client: TestClient) -> None:
    """In one line, not in two."""
    with capture_logs() as lines:
        client.get("/docs")
        client.post("/read", content=b"x" * (LONGEST_BODY + 1))
    assert [line["why"] for line in lines] == ["a closed door", "the body is too long"]


def test_a_link_to_a_conversation_is_in_no_log(client: TestClient) -> None:
    """Whoever reads the log could open it."""
    with capture_logs() as lines:
        client.get("/shared/a-token")
    assert [line["what"] for line in lines] == ["GET '/shared/...'"]
