"""The way in: names, cookies, and what other sites may not do."""

import dataclasses
import re
from pathlib import Path

import jwt
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from page.login import LONGEST_FORM, CannotEnter, login_routes

SECRET = "a secret of the tests, long enough for HS256"
COOKIE = "access_token"


@dataclasses.dataclass
class Definition:
    """What the form says."""

    title: str = "Everyday talk"
    welcome: str = "We study how people chat.\n\nIt takes ten minutes."
    contact: str = "Dr. Kim, kim@university.example"


@dataclasses.dataclass
class Study:
    """A study."""

    definition: Definition = dataclasses.field(default_factory=Definition)


@dataclasses.dataclass
class Participant:
    """Who came in."""

    participant_id: str
    shown_name: str


class Door:
    """Remembers who was let in."""

    def __init__(self) -> None:
        self.entered: list[str] = []

    async def enter(self, name: str) -> Participant:
        """Let a name in."""
        self.entered.append(name)
        return Participant(f"id-of-{len(name)}", name)


@pytest.fixture
def door() -> Door:
    """The function that finds participants."""
    return Door()


@pytest.fixture
def client(door: Door, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    """A browser at the app's front."""
    monkeypatch.setenv("CHAINLIT_AUTH_SECRET", SECRET)
    routes = login_routes(Study(), door.enter, allowed_origins=["https://study.example.org"])
    catch_all = Route("/{rest:path}", lambda request: PlainTextResponse("Chainlit's page"))
    return TestClient(
        Starlette(routes=[*routes, catch_all]), base_url="http://study.test", follow_redirects=False
    )


def shown(name: str, problem: str, page: str) -> bool:
    """Whether a page shows a problem beside a form that still holds the name."""
    return problem in page and f'name="username" type="text" value="{name}"' in page


def test_the_form_says_what_the_study_is(client: TestClient) -> None:
    """Title, a line about it and whom to ask stand around one field, and no password is asked for."""
    page = client.get("/login").text
    assert "<h1>Everyday talk</h1>" in page
    assert '<p class="about">We study how people chat.</p>' in page
    assert "kim@university.example" in page
    assert len(re.findall("<input", page)) == 1
    assert "password" not in page.lower()


def test_a_name_is_enough(client: TestClient, door: Door) -> None:
    """A posted name makes or finds the participant, signs in and goes to the page."""
    answer = client.post("/login", data={"username": "  Ada\u00a0 Lovelace "})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert door.entered == ["Ada Lovelace"]
    assert COOKIE in answer.cookies


def test_the_token_carries_the_participant_and_nothing_else(client: TestClient) -> None:
    """What the browser can read is the id, the name and two times."""
    token = client.post("/login", data={"username": "Ada"}).cookies[COOKIE]
    claims = jwt.decode(token, SECRET, algorithms=["HS256"])
    assert claims.pop("exp") > claims.pop("iat")
    assert claims == {"identifier": "id-of-3", "display_name": "Ada", "metadata": {}}


def test_scripts_cannot_read_the_cookie(client: TestClient) -> None:
    """The session cookie is HttpOnly and not sent along from other sites."""
    cookie = client.post("/login", data={"username": "Ada"}).headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "secure" not in cookie


def test_behind_tls_the_cookie_is_secure(client: TestClient) -> None:
    """Over https the cookie never travels in clear text."""
    client.base_url = "https://study.test"
    assert "; secure" in client.post("/login", data={"username": "Ada"}).headers["set-cookie"].lower()


@pytest.mark.parametrize(
    ("name", "problem"),
    [("", "Please write a name"), ("   ", "Please write a name"), ("x" * 81, "80 or fewer")],
)
def test_a_name_that_cannot_be_used_keeps_the_form_filled(
    client: TestClient, door: Door, name: str, problem: str
) -> None:
    """The page says the repair beside the field, and nobody enters."""
    answer = client.post("/login", data={"username": name})
    assert answer.status_code == 422
    assert shown(name, problem, answer.text)
    assert not door.entered
    assert "set-cookie" not in answer.headers


def test_a_control_character_is_refused(client: TestClient, door: Door) -> None:
    """NUL in a name is refused, and not written back into the page."""
    answer = client.post("/login", data={"username": "a\x00b"})
    assert answer.status_code == 422
    assert shown("ab", "control characters", answer.text)
    assert not door.entered


def test_a_form_without_the_field_is_an_empty_name(client: TestClient) -> None:
    """What lacks the field is answered like an empty one."""
    assert client.post("/login", data={"email": "Ada"}).status_code == 422


def test_bytes_that_are_not_utf_8_are_refused(client: TestClient, door: Door) -> None:
    """A name that cannot be read is not guessed at."""
    answer = client.post(
        "/login",
        content=b"username=%ff%fe",
        headers={"content-type": "application/x-www-form-urlencoded"},
    )
    assert answer.status_code == 422
    assert not door.entered


def test_a_huge_form_is_not_read_to_its_end(client: TestClient, door: Door) -> None:
    """Beyond 16 kB it is refused unread, before a name is looked for in it."""
    answer = client.post("/login", data={"username": "x" * (LONGEST_FORM + 1)})
    assert answer.status_code == 413
    assert not door.entered


def test_a_json_body_is_not_a_form(client: TestClient, door: Door) -> None:
    """Other kinds of body are refused by their type."""
    assert client.post("/login", json={"username": "Ada"}).status_code == 415
    assert not door.entered


def test_markup_in_a_name_stays_text(client: TestClient) -> None:
    """A refused name goes back into the page escaped."""
    attack = '"><script>alert(1)</script>' + "x" * 80
    page = client.post("/login", data={"username": attack}).text
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_markup_in_a_study_stays_text(door: Door) -> None:
    """A study's title and text are text, whatever they hold."""
    study = Study(Definition(title="<b>Bold</b>", welcome="<img src=x onerror=alert(1)>"))
    page = TestClient(Starlette(routes=login_routes(study, door.enter))).get("/login").text
    assert "<b>" not in page
    assert "<img src=x" not in page


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://study.test.evil.example"},
        {"origin": "http://study.test:8000"},
        {"referer": "https://evil.example/page"},
    ],
)
def test_a_form_on_another_site_signs_nobody_in(
    client: TestClient, door: Door, headers: dict[str, str]
) -> None:
    """Login CSRF: a post that names another origin is refused and sets no cookie."""
    answer = client.post("/login", data={"username": "Mallory"}, headers=headers)
    assert answer.status_code == 403
    assert not door.entered
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://study.test"},
        {"origin": "HTTP://STUDY.TEST"},
        {"referer": "http://study.test/login"},
        {"origin": "https://study.example.org"},
    ],
)
def test_our_own_form_is_accepted(client: TestClient, headers: dict[str, str]) -> None:
    """The page's own origin, and those that the settings allow, may post."""
    assert client.post("/login", data={"username": "Ada"}, headers=headers).status_code == 303


def test_who_is_signed_in_may_switch_or_go_back(client: TestClient) -> None:
    """The form stays usable, names the participant and links back."""
    client.post("/login", data={"username": "Ada & Co"})
    answer = client.get("/login")
    assert answer.status_code == 200
    assert "<bdi>Ada &amp; Co</bdi>" in answer.text
    assert '<a href="/">' in answer.text


def test_a_forged_cookie_is_nobody(client: TestClient) -> None:
    """A token signed with another secret is ignored."""
    forged = jwt.encode({"identifier": "x", "exp": 2**33}, "another secret of thirty-two bytes!!")
    client.cookies.set(COOKIE, forged)
    answer = client.get("/login")
    assert answer.status_code == 200
    assert "You are here as" not in answer.text


def test_an_expired_cookie_is_nobody(client: TestClient) -> None:
    """A token whose time is over is ignored."""
    client.cookies.set(COOKIE, jwt.encode({"identifier": "x", "exp": 1}, SECRET))
    assert "You are here as" not in client.get("/login").text


def test_a_record_that_is_away_keeps_the_form_filled(monkeypatch: pytest.MonkeyPatch) -> None:
    """A participant reads that it may be tried again, and nobody is signed in without a record."""
    monkeypatch.setenv("CHAINLIT_AUTH_SECRET", SECRET)

    async def away(name: str) -> Participant:
        raise CannotEnter

    answer = TestClient(Starlette(routes=login_routes(Study(), away))).post(
        "/login", data={"username": "Ada"}
    )
    assert answer.status_code == 503
    assert shown("Ada", "try again in a minute", answer.text)
    assert "set-cookie" not in answer.headers


def test_head_answers(client: TestClient) -> None:
    """Monitors may ask for the headers alone."""
    answer = client.head("/login")
    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
def test_other_methods_are_not_allowed(client: TestClient, method: str) -> None:
    """Only GET, HEAD and POST mean something here."""
    assert client.request(method, "/login").status_code == 405


@pytest.mark.parametrize("path", ["/login/", "/login/callback", "/login/callback?success=True"])
def test_chainlits_own_form_is_never_shown(client: TestClient, path: str) -> None:
    """The addresses at which Chainlit's page draws a password form lead to ours."""
    answer = client.get(path)
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")


def test_the_page_may_load_only_from_its_own_origin(client: TestClient) -> None:
    """The policy allows no script at all, and the one style sheet by its hash."""
    policy = client.get("/login").headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "http" not in policy


def test_every_colour_of_the_style_is_one_of_the_theme(client: TestClient) -> None:
    """The form names variables only, and the theme defines each of them in light and dark."""
    page = client.get("/login").text
    used = set(re.findall(r"var\((--[a-z-]+)\)", page))
    light, dark = page.split("@media(prefers-color-scheme:dark)", 1)
    assert used
    assert all(f"{name}:" in light and f"{name}:" in dark.split("}", 1)[0] for name in used)
    rules = (Path(__file__).parents[2] / "page/static/login.css").read_text(encoding="utf-8")
    assert not re.findall(r"#[0-9a-f]{3,8}\b|\brgb", rules)
