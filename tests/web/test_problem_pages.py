"""Where there is no page, a page of ours says so; nothing of what failed is told."""

import json
import re

import pytest
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient

from study.definition import Study
from web.problem_page import ProblemPages, no_such_page, on_failure, on_refusal

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
STATUSES = (400, 401, 403, 404, 413, 429, 500, 503)
SECRET = "postgresql://somebody:secret@database"


def study(language: str | None = None) -> Study:
    """A study whose title and contact try to be markup."""
    told = {"id": "x", "title": "Talk <b>&", "contact": '"Kim" <kim@university.example>', "welcome": "W"}
    return Study.model_validate(
        {**told, "language": language, "agents": [{"name": "ELIZA", "kind": "eliza"}]}
    )


async def refuse(request: Request) -> Response:
    """Refuse as Chainlit's routes do."""
    status = int(request.path_params["status"])
    raise HTTPException(status, "Chainlit's words", {"Retry-After": "7"} if status == 429 else None)


async def fail(_: Request) -> Response:
    """Fail as code does that meets what nobody thought of."""
    raise RuntimeError(SECRET)


def client_of(language: str | None = None) -> TestClient:
    """A browser before an app that refuses and fails."""
    routes = [Route("/refuse/{status}", refuse), Route("/fail", fail), Route("/{rest:path}", no_such_page)]
    app = Starlette(routes=routes, exception_handlers={HTTPException: on_refusal, Exception: on_failure})
    app.state.problem_pages = ProblemPages(lambda: study(language))
    return TestClient(app, raise_server_exceptions=False)


@pytest.mark.parametrize("status", STATUSES)
def test_a_browser_gets_a_page(status: int) -> None:
    """The study, what to do, a way back and whom to ask; the status stays what it is."""
    answer = client_of().get(f"/refuse/{status}", headers=BROWSER)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
    assert re.search(r"<h1>[A-Z][^<{]+</h1>", answer.text)
    assert 'href="/"' in answer.text
    assert "Talk &lt;b&gt;&amp;" in answer.text
    assert "kim@university.example" in answer.text
    assert "Chainlit" not in answer.text


def test_a_program_gets_json() -> None:
    """Chainlit's own page reads `detail`."""
    answer = client_of().get("/refuse/404")
    assert answer.json() == {"detail": "Chainlit's words"}
    assert set(client_of().get("/nothing").json()) == {"detail", "problem"}


@pytest.mark.parametrize("accept", [BROWSER, {"Accept": "application/json"}])
def test_a_failure_tells_nothing(accept: dict[str, str]) -> None:
    """No trace, no message, no type of what went wrong."""
    answer = client_of().get("/fail", headers=accept)
    assert answer.status_code == 500
    for word in (SECRET, "secret", "RuntimeError", "Traceback", ".py"):
        assert word not in answer.text


def test_nothing_of_the_address_is_shown() -> None:
    """A script in the path stands nowhere in the page."""
    page = client_of().get("/%3Cscript%3Ealert(1)%3C/script%3E", headers=BROWSER).text
    assert "alert" not in page
    assert "<script" not in page


def test_it_says_when_to_come_back() -> None:
    """The route's own Retry-After stays; where there is none, it is a minute."""
    assert client_of().get("/refuse/429", headers=BROWSER).headers["retry-after"] == "7"
    assert client_of().get("/refuse/503", headers=BROWSER).headers["retry-after"] == "60"


@pytest.mark.parametrize(
    ("accepted", "fixed", "language"),
    [
        ("de", None, "de"),
        ("es-MX", None, "es"),
        ("zh-CN", None, "zh-Hans"),
        ("fr", None, "en"),
        ("de", "es", "es"),
    ],
)
def test_it_speaks_the_visitors_language(accepted: str, fixed: str | None, language: str) -> None:
    """The study's, or the browser's; the page says which."""
    page = client_of(fixed).get("/nothing", headers={**BROWSER, "Accept-Language": accepted}).text
    assert f'<html lang="{language}">' in page


def test_it_asks_nobody_for_anything() -> None:
    """One style by its hash, our own pictures and fonts, no script; no cache keeps it."""
    answer = client_of().get("/nothing", headers=BROWSER)
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "script-src" not in answer.headers["content-security-policy"]
    assert not re.search(r"https?://", answer.text)
    assert answer.headers["cache-control"] == "no-store"


def test_an_unknown_status_is_told_as_its_kind() -> None:
    """418 is a refusal as 400 is, and 507 a failure as 500 is."""
    for status, heading in ((418, "could not be read"), (507, "went wrong")):
        answer = client_of().get(f"/refuse/{status}", headers=BROWSER)
        assert answer.status_code == status
        assert heading in answer.text


def test_without_a_study_there_is_still_a_page() -> None:
    """An app that was told of none answers all the same."""
    client = TestClient(Starlette(routes=[Route("/{rest:path}", no_such_page)]))
    assert client.get("/x", headers=BROWSER).status_code == 404
    assert json.loads(client.get("/x").text)["detail"]
