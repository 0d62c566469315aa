"""What goes through the middleware that answers below a public path."""

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket

from web.below import Below

HOST = "http://lab.example.org"


async def told(request: Request) -> Response:
    """Say what arrived."""
    return JSONResponse({"path": request.url.path, "query": request.url.query})


async def led(request: Request) -> Response:
    """Lead to what the query names."""
    return RedirectResponse(request.query_params["to"])


async def swapped(_: Request) -> Response:
    """Lead a part of a page, as htmx reads it."""
    return Response(None, 401, {"HX-Redirect": "/research/login?next=%2Fresearch%2F"})


async def cookies(_: Request) -> Response:
    """Set cookies of the whole page, of a part of it, and take one away."""
    response = Response()
    response.set_cookie("all", "1", path="/")
    response.set_cookie("part", "1", path="/research", httponly=True)
    response.delete_cookie("gone")
    return response


async def echo(socket: WebSocket) -> None:
    """Say on a WebSocket where it was opened."""
    await socket.accept(headers=[(b"set-cookie", b"place=1; Path=/")])
    await socket.send_text(socket.url.path)
    await socket.close()


@pytest.fixture
def client() -> TestClient:
    """An app that knows nothing of the path, below it."""
    inner = Starlette(
        routes=[
            Route("/", told),
            Route("/led", led),
            Route("/swapped", swapped),
            Route("/cookies", cookies),
            WebSocketRoute("/ws", echo),
            Route("/{rest:path}", told),
        ]
    )
    return TestClient(Below(inner, "/lab/study"), HOST, follow_redirects=False)


@pytest.mark.parametrize(
    ("asked", "arrives"),
    [
        ("/lab/study/", "/"),
        ("/lab/study/research/threads", "/research/threads"),
        ("/research/threads", "/research/threads"),
        ("/", "/"),
        ("/lab/study/lab/study/x", "/lab/study/x"),
        ("/lab/studyroom", "/lab/studyroom"),
        ("/lab/study//mcp", "//mcp"),
        ("/lab/study/%2e%2e/me", "/../me"),
    ],
)
def test_the_path_is_taken_off_once_where_a_proxy_hands_it_on(
    client: TestClient, asked: str, arrives: str
) -> None:
    """Both kinds of proxies bring a request to the same place; what only looks like the path stays."""
    assert client.get(f"{asked}?a=b").json() == {"path": arrives, "query": "a=b"}


def test_the_bare_path_leads_into_it(client: TestClient) -> None:
    """Without its slash the path is not yet a page of ours; what was asked of it goes along."""
    answer = client.get("/lab/study?PROLIFIC_PID=7")
    assert (answer.status_code, answer.headers["location"]) == (308, "/lab/study/?PROLIFIC_PID=7")


@pytest.mark.parametrize(
    ("to", "leads"),
    [
        ("/login", "/lab/study/login"),
        ("/research/?next=/x", "/lab/study/research/?next=/x"),
        (f"{HOST}/thread/1?a=b", "/lab/study/thread/1?a=b"),
        ("https://elsewhere.example/login", "https://elsewhere.example/login"),
        ("//elsewhere.example/login", "//elsewhere.example/login"),
        ("relative", "relative"),
    ],
)
def test_a_redirect_stays_below_the_path(client: TestClient, to: str, leads: str) -> None:
    """Ours leads below the path and names no host, which a proxy may have changed; others lead elsewhere."""
    assert client.get("/led", params={"to": to}).headers["location"] == leads


def test_a_redirect_of_a_part_of_a_page_stays_too(client: TestClient) -> None:
    """Htmx goes where the header says."""
    leads = client.get("/swapped").headers["hx-redirect"]
    assert leads == "/lab/study/research/login?next=%2Fresearch%2F"


def test_cookies_are_for_the_path_alone(client: TestClient) -> None:
    """The other pages of the host never see them, and what is taken away is what was given."""
    given = client.get("/lab/study/cookies").headers.get_list("set-cookie")
    assert [line.lower().partition("path=")[2].partition(";")[0] for line in given] == [
        "/lab/study",
        "/lab/study/research",
        "/lab/study",
    ]
    assert "httponly" in given[1].lower()


@pytest.mark.parametrize("asked", ["/lab/study/ws", "/ws"])
def test_a_websocket_opens_below_the_path(client: TestClient, asked: str) -> None:
    """By either kind of proxy, and its cookie is for the path too."""
    with client.websocket_connect(asked) as socket:
        assert socket.receive_text() == "/ws"
        assert (b"set-cookie", b"place=1; Path=/lab/study") in socket.extra_headers
