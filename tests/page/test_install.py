"""The outer app: what stands beside the participants' page, and what reaches it."""

import types
from collections.abc import Iterator
from typing import cast

import jwt
import pytest
from chainlit.server import app, router
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send
from structlog.testing import capture_logs

from data_layer.record import Record
from page.install import Front, Mounted, served
from study.definition import Study
from study.loader import LoadedStudy
from tests.data_layer.rows import ADA
from tests.page.gate import SECRET
from web.guards import LONGEST_BODY

TOKEN = {"Authorization": "Bearer of-a-program"}


async def told(scope: Scope, receive: Receive, send: Send) -> None:
    """An app that says with which token it was asked."""
    await PlainTextResponse(Headers(scope=scope).get("authorization", "nobody"))(scope, receive, send)


@pytest.fixture
def client(record: Record, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """A browser before all of it; afterwards Chainlit's app is as it was."""
    monkeypatch.setenv("CHAINLIT_AUTH_SECRET", SECRET)
    agent = {"name": "ELIZA", "kind": "eliza", "default": True, "description": "Asks back."}
    definition = Study.model_validate(
        {"id": "example", "title": "Talk", "contact": "Dr. Kim", "welcome": "Hello.", "agents": [agent]}
    )
    study = cast(LoadedStudy, types.SimpleNamespace(definition=definition))
    before, inner = list(app.router.routes), list(router.routes)
    yield TestClient(
        served(study, record, Front(), {"/programs": Mounted(told), "/files": Mounted(told, measures=True)}),
        follow_redirects=False,
    )
    app.router.routes[:], router.routes[:] = before, inner


def test_a_token_reaches_the_app_that_it_is_for(client: TestClient) -> None:
    """What the page needs before it takes nothing from others."""
    assert client.get("/programs/threads", headers=TOKEN).text == "Bearer of-a-program"


def test_a_token_opens_nothing_of_the_page(client: TestClient) -> None:
    """Chainlit would believe one in that header (auth/cookie.py:58), whether its sign-in goes on or not."""
    valid = jwt.encode({"identifier": ADA, "exp": 2**33}, SECRET)
    for path in ("/me/threads", "/me/identity"):
        assert client.get(path, headers={"Authorization": f"Bearer {valid}"}).status_code == 401


def test_an_address_without_its_slash_leads_behind_it(client: TestClient) -> None:
    """As people type it."""
    answer = client.get("/programs")
    assert (answer.status_code, answer.headers["location"]) == (308, "/programs/")


def test_no_other_site_changes_something_there(client: TestClient) -> None:
    """Nor does anybody send what is too long."""
    assert client.post("/programs/x", headers={"Origin": "https://evil.example"}).status_code == 403
    assert client.post("/programs/x", content=b"x" * (LONGEST_BODY + 1)).status_code == 413
    assert client.post("/programs/x", headers={"Origin": "http://testserver"}).status_code == 200


def test_an_app_that_measures_bodies_itself_gets_long_ones(client: TestClient) -> None:
    """As the API does, which takes files; no other site changes something there either."""
    assert client.post("/files/x", content=b"x" * (LONGEST_BODY + 1)).status_code == 200
    assert client.post("/files/x", headers={"Origin": "https://evil.example"}).status_code == 403


def test_every_answer_has_its_headers(client: TestClient) -> None:
    """Whichever app gave it, and when none did."""
    for path in ("/programs/x", "/login", "/health", "/no/such/page"):
        assert client.get(path).headers["x-content-type-options"] == "nosniff", path


@pytest.mark.parametrize("offer", ["gzip;q=0", "gzip;Q=0", "gzip; q=0.0, *", "x-gzip", "identity", ""])
def test_nobody_gets_packed_what_they_cannot_unpack(client: TestClient, offer: str) -> None:
    """Whichever route answers, and under the tag of what is sent."""
    for path in ("/project/translations?language=en-US", "/login"):
        answer = client.get(path, headers={"Accept-Encoding": offer})
        assert "content-encoding" not in answer.headers, path
        assert not answer.headers.get("etag", "").endswith('-gzip"')


@pytest.mark.parametrize("offer", ["gzip", "GZIP", "*", "br, gzip;q=0.1"])
def test_who_can_unpack_gets_it_packed(client: TestClient, offer: str) -> None:
    """However they say so."""
    for path in ("/project/translations?language=en-US", "/login"):
        answer = client.get(path, headers={"Accept-Encoding": offer})
        assert answer.headers["content-encoding"] == "gzip", path


def test_the_log_says_why_wherever_a_request_is_refused(client: TestClient) -> None:
    """Though each guard in between hands on a scope of its own."""
    with capture_logs() as lines:
        client.post("/programs/x", headers={"Origin": "https://evil.example"})
        client.post("/programs/x", content=b"x" * (LONGEST_BODY + 1))
        client.get("/me/threads")
        client.put("/project/thread", headers={"Origin": "https://evil.example"})
    whys = [line["why"] for line in lines if line["event"] == "refused"]
    assert whys == ["another origin", "the body is too long", "asked.signed_out", "another origin"]
