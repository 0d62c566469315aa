"""The participant's own routes: who is let in, what of a body is read, and what is answered instead."""

import jwt
import pytest
from starlette.responses import Response
from starlette.routing import Router
from starlette.testclient import TestClient
from structlog.testing import capture_logs

from page.me.participant_request import LONGEST_BODY, ParticipantRequest, ParticipantRoutes, json_answer
from study.errors import WriteRefused
from study.reasons import Reason
from tests.page.gate import SECRET
from web.guards import BodyLimit, ResponseHeaders

COOKIE = jwt.encode({"identifier": "ada", "exp": 2**33}, SECRET)


async def read(asked: ParticipantRequest) -> Response:
    """Say what was sent, whose it is, and a word in their language."""
    body = await asked.body()
    word = asked.strings("asked.signed_out")
    return json_answer({"body": body, "who": asked.participant_id, "said": word, "path": asked.path("name")})


async def refused(_: ParticipantRequest) -> Response:
    """Refuse it, as the record does."""
    raise WriteRefused(Reason.ANOTHERS_THREAD)


async def away(_: ParticipantRequest) -> Response:
    """Fail, as where the disk is gone."""
    raise OSError("No space left on device")


@pytest.fixture
def routes(monkeypatch: pytest.MonkeyPatch) -> Router:
    """Those of a study in German, with a public address."""
    monkeypatch.setenv("CHAINLIT_AUTH_SECRET", SECRET)
    own = ParticipantRoutes("de", ["https://study.example.org"])
    of_ours = [
        own.route("/me/read/{name}", read, methods=["POST"]),
        own.route("/me/refused", refused),
        own.route("/me/away", away),
    ]
    return Router(routes=of_ours)


@pytest.fixture
def browser(routes: Router) -> TestClient:
    """ADA's, before the border."""
    return TestClient(ResponseHeaders(BodyLimit(routes)), cookies={"access_token": COOKIE})


def test_a_request_has_its_body_its_owner_and_their_language(browser: TestClient) -> None:
    """The study's, where it has one."""
    said = browser.post("/me/read/x", json={"a": 1}, headers={"Accept-Language": "en"}).json()
    assert said == {
        "body": {"a": 1},
        "who": "ada",
        "said": "Sie sind abgemeldet. Bitte melden Sie sich wieder an.",
        "path": "x",
    }


def test_nothing_that_was_sent_is_an_empty_body(browser: TestClient) -> None:
    """A route says itself what it misses in it."""
    assert browser.post("/me/read/x").json()["body"] == {}


def test_the_longest_body_is_read(browser: TestClient) -> None:
    """To its last byte."""
    content = b'{"a":"' + b"x" * (LONGEST_BODY - 8) + b'"}'
    assert len(content) == LONGEST_BODY
    assert browser.post("/me/read/x", content=content).status_code == 200


def test_a_longer_one_is_not(browser: TestClient) -> None:
    """Nor is its rest listened to."""
    answer = browser.post("/me/read/x", content=b" " * (LONGEST_BODY + 1))
    assert (answer.status_code, answer.headers["connection"]) == (413, "close")
    assert answer.json()["problem"]


@pytest.mark.parametrize("content", [b"{", b"[]", b"7", b"\xff", b"[" * 50_000])
def test_what_is_no_object_is_refused(browser: TestClient, content: bytes) -> None:
    """With a sentence; the connection stays."""
    answer = browser.post("/me/read/x", content=content)
    assert (answer.status_code, "connection" in answer.headers) == (400, False)
    assert answer.json()["problem"]


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://testserver", 200),
        ("https://study.example.org", 200),
        (None, 200),
        ("https://evil.example", 403),
        ("null", 403),
    ],
)
def test_only_our_own_page_changes_things(routes: Router, origin: str | None, status: int) -> None:
    """Also where no border stands before the route; to look changes nothing."""
    page = TestClient(routes, cookies={"access_token": COOKIE}, headers={"Origin": origin} if origin else {})
    assert page.post("/me/read/x").status_code == status
    assert page.get("/me/refused").status_code == 404


def test_nobody_is_not_let_in(browser: TestClient) -> None:
    """The log says why."""
    browser.cookies.clear()
    with capture_logs() as lines:
        assert browser.get("/me/away").status_code == 401
    assert [line["why"] for line in lines] == ["asked.signed_out"]


def test_what_the_record_refuses_is_not_there(browser: TestClient) -> None:
    """Whoever asks learns no more; the log does."""
    with capture_logs() as lines:
        answer = browser.get("/me/refused")
    assert (answer.status_code, list(answer.json())) == (404, ["problem", "detail"])
    assert [line["why"] for line in lines] == [str(Reason.ANOTHERS_THREAD)]


def test_a_disk_that_is_away_is_said(browser: TestClient) -> None:
    """As what may be tried again; the log names the route."""
    with capture_logs() as lines:
        assert browser.get("/me/away").status_code == 503
    assert [(line["event"], line["path"], line["error_type"]) for line in lines] == [
        ("route_failed", "/me/away", "OSError")
    ]
