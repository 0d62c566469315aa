"""The border before Chainlit's routes: doors that are closed, and whose request is being served."""

from collections.abc import Iterator
from http import HTTPStatus

import jwt
import pytest
from chainlit.server import app, router
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route, Router, WebSocketRoute
from starlette.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send
from starlette.websockets import WebSocket
from structlog.testing import capture_logs

from page.chainlit.request_guard import (
    PACE,
    ParticipantPace,
    RequestContext,
    asked_on_this_machine,
    current_participant,
)
from page.patches import KEPT_ROUTES, kept_app
from study.pace import RateLimiter
from web.guards import LONGEST_BODY, BodyLimit, OriginCheck, ResponseHeaders, TooLong

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


async def tagged(request: Request) -> PlainTextResponse:
    """Answer with a tag, by which a browser asks whether it is still so."""
    return PlainTextResponse("", headers={"ETag": '"1"'})


async def where(request: Request) -> PlainTextResponse:
    """Say whether whoever asks sits at this machine."""
    return PlainTextResponse(str(asked_on_this_machine()))


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
        Route("/tagged", tagged),
        Route("/where", where),
        Route("/none/{status}", none),
        Route("/shared/{token}", none_shared),
        Route("/{rest:path}", who, methods=["GET", "POST", "PUT", "DELETE"]),
    ]
    pace = RateLimiter(*PACE)
    searched = ParticipantPace(PlainTextResponse("found"), pace, reads=True)
    routes.insert(0, Route("/search", searched))
    paced = ParticipantPace(RequestContext(Router(routes=routes)), pace)
    return TestClient(ResponseHeaders(BodyLimit(OriginCheck(paced, ["https://study.example.org"]))))


def cookie(identifier: str, secret: str = SECRET) -> dict[str, str]:
    """Somebody's cookie."""
    return {"access_token": jwt.encode({"identifier": identifier, "exp": 2**33}, secret)}


# Chainlit's routes for things that this app does not offer, and those that tell how it is made.
CLOSED = (
    "/docs",
    "/redoc",
    "/openapi.json",
    "/mcp",
    "/copilot",
    "/auth/jwt",
    "/auth/header",
    "/auth/oauth",
    "/feedback",
    "/project/share",
    "/project/element",
    "/project/file/",
    "/login",
    "/set-session-cookie",
    "/project/action",
)


@pytest.fixture
def chainlit() -> Iterator[TestClient]:
    """What is kept of Chainlit's app; afterwards it is as it was."""
    before, inner = list(app.router.routes), list(router.routes)
    yield TestClient(ResponseHeaders(Starlette(routes=[Mount("", kept_app())])))
    app.router.routes[:], router.routes[:] = before, inner


@pytest.mark.parametrize("door", CLOSED)
@pytest.mark.parametrize("rest", ["", "/", "/x", "/x/y?z=1"])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_a_closed_door_is_closed(chainlit: TestClient, door: str, rest: str, method: str) -> None:
    """By every method, with everything behind it."""
    assert chainlit.request(method, door + rest, follow_redirects=True).status_code == 404


def test_a_browser_at_a_closed_door_reads_a_page(chainlit: TestClient) -> None:
    """A program reads JSON."""
    answer = chainlit.get("/docs", headers={"Accept": "text/html"})
    assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert chainlit.get("/docs").json() == {"detail": "Not Found"}


@pytest.mark.parametrize("path", ["/%64ocs", "/project%2Felement", "/docs%2F", "/project/%65lement"])
def test_an_encoded_door_is_closed(chainlit: TestClient, path: str) -> None:
    """What a route would take for the door is the door."""
    assert chainlit.get(path).status_code == 404


def test_what_is_kept_is_there(chainlit: TestClient) -> None:
    """Each by its method and path: a name that Chainlit has changed would be lost without a word."""
    there = {
        f"{method} {route.path}"  # type: ignore[attr-defined]  # each of them is a route
        for route in (*router.routes, *app.router.routes)
        for method in getattr(route, "methods", None) or ()
    }
    assert there == KEPT_ROUTES
    assert chainlit.get("/health").status_code == 200


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


async def test_chunks_are_counted_together() -> None:
    """None of them is long; and of an answer that has begun there is no second."""
    sent: list[str] = []
    left = [True] * 4 + [False]

    async def answering(scope: Scope, receive: Receive, send: Send) -> None:
        """Begin to answer, and read on."""
        await send({"type": "http.response.start", "status": 200, "headers": []})
        while (await receive())["more_body"]:
            pass

    async def chunk() -> Message:
        return {"type": "http.request", "body": b"x" * 100_000, "more_body": left.pop(0)}

    async def send(message: Message) -> None:
        sent.append(message["type"])

    scope = {"type": "http", "method": "POST", "path": "/", "headers": []}
    with pytest.raises(TooLong):
        await BodyLimit(answering)(scope, chunk, send)
    assert sent == ["http.response.start"]


def test_who_sits_at_this_machine_is_known(client: TestClient) -> None:
    """While their request is served; somebody elsewhere is not, nor is nobody."""
    assert client.get("/where").text == "False"
    here = TestClient(client.app, base_url="http://localhost", client=("127.0.0.1", 40_000))
    assert here.get("/where").text == "True"
    assert not asked_on_this_machine()


def test_an_answer_says_how_it_may_be_used(client: TestClient) -> None:
    """Where its route says nothing; a route that does is left its word."""
    plain = client.get("/").headers
    assert plain["x-content-type-options"] == "nosniff"
    assert plain["cache-control"] == "no-store"
    assert "frame-ancestors 'none'" in plain["content-security-policy"]
    assert client.get("/tagged").headers["cache-control"] == "no-cache"
    own = client.get("/own").headers
    assert own["cache-control"] == "public, max-age=60"
    assert own["content-security-policy"] == "default-src 'self'"


def test_one_participant_cannot_ask_for_everything(client: TestClient) -> None:
    """Too much of what changes or searches is refused for a while; what is only looked at is not."""
    client.cookies.update(cookie("ada"))
    statuses = [client.put("/me/x").status_code for _ in range(PACE[0] + 20)]
    assert statuses[: PACE[0]] == [200] * PACE[0]
    assert 429 in statuses
    # On a busy machine there is room for one more between two requests, now and then.
    searches = (client.get("/search") for _ in range(PACE[0]))
    refused = next(answer for answer in searches if answer.status_code == 429)
    assert refused.headers["retry-after"] == "1"
    assert client.get("/").status_code == 200
    client.cookies.update(cookie("bob"))
    assert client.put("/me/x").status_code == 200


@pytest.mark.parametrize("status", [401, 403, 404, 413, 415, 429])
def test_a_refusal_is_a_line_of_the_log(client: TestClient, status: int) -> None:
    """Whichever route has refused, Chainlit's too; what was refused, and how."""
    with capture_logs() as lines:
        client.get(f"/none/{status}?secret=1")
        client.get("/none/200")
    told = [(line["event"], line["what"], line["status"], line["why"]) for line in lines]
    assert told == [("refused", f"GET '/none/{status}'", status, HTTPStatus(status).phrase.lower())]


def test_a_path_that_somebody_made_long_fills_no_log(chainlit: TestClient) -> None:
    """Its first hundred signs say what was asked for."""
    with capture_logs() as lines:
        chainlit.get("/docs/" + "x" * 200)
    assert [line["what"] for line in lines] == [f"GET '/docs/{'x' * 94}'"]


def test_a_refusal_by_the_border_says_why(client: TestClient) -> None:
    """In one line, not in two."""
    with capture_logs() as lines:
        client.post("/", headers={"Origin": "https://evil.example"})
        client.post("/read", content=b"x" * (LONGEST_BODY + 1))
    assert [line["why"] for line in lines] == ["another origin", "the body is too long"]


def test_a_link_to_a_conversation_is_in_no_log(client: TestClient) -> None:
    """Whoever reads the log could open it."""
    with capture_logs() as lines:
        client.get("/shared/a-token")
    assert [line["what"] for line in lines] == ["GET '/shared/...'"]
