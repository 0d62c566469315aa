"""Chainlit's page, after the rewriting, asks nobody but us."""

import dataclasses
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, cast

import jwt
import pytest
from chainlit.server import get_html_template
from starlette.applications import Starlette
from starlette.routing import BaseRoute
from starlette.testclient import TestClient

from page.chainlit.index_page import index_routes, policy, rewrite_index
from page.static_files.own_files import OwnFiles
from study.definition import Study
from study.errors import StartError
from study.loader import LoadedStudy

PUBLIC: Final = Path(__file__).resolve().parents[2] / "public"
ELIZA: Final[dict[str, Any]] = {"name": "ELIZA", "kind": "eliza"}
SECRET = "a secret of the tests, long enough for HS256"


@dataclasses.dataclass
class AnyStudy:
    """A study that can be loaded anew."""

    definition: Study


def study_called(title: str) -> AnyStudy:
    """A study with a title; the page reads nothing of it but its definition."""
    told = {"id": "x", "title": title, "contact": "Dr. Kim", "welcome": "Chat.", "agents": [ELIZA]}
    return AnyStudy(Study.model_validate(told))


def routes_of(study: AnyStudy, template: Callable[[str], str] = get_html_template) -> list[BaseRoute]:
    """The routes of its page."""
    return index_routes(cast(LoadedStudy, study), template, OwnFiles(PUBLIC))


@pytest.fixture(scope="module")
def real() -> str:
    """The index.html of the installed Chainlit, as it fills it in."""
    return str(get_html_template(""))


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> TestClient:
    """A browser that nobody has signed in."""
    monkeypatch.setenv("CHAINLIT_AUTH_SECRET", SECRET)
    app = Starlette(routes=routes_of(study_called("Everyday talk")))
    return TestClient(app, follow_redirects=False)


def sign_in(client: TestClient) -> None:
    """Give the browser a session cookie."""
    client.cookies.set("access_token", jwt.encode({"identifier": "p", "exp": 2**33}, SECRET))


def test_chainlits_own_page_does_ask_others(real: str) -> None:
    """The rewriting has something to do: without it, three other origins are named."""
    assert {"fonts.googleapis.com", "fonts.gstatic.com", "cdn.jsdelivr.net"} <= set(
        re.findall(r"https://([\w.-]+)", real)
    )


def test_no_other_origin_is_left(real: str) -> None:
    """No address with a host remains anywhere in the page."""
    assert not re.findall(r"(?:https?:|[\"'(])//[\w.-]+", rewrite_index(real, title="T", welcome="W"))


def test_the_bundle_is_still_there(real: str) -> None:
    """What the page needs is untouched: its script, its style, our own two, and where it is mounted."""
    page = rewrite_index(real, title="T", welcome="W")
    assert re.search(r'<script type="module"[^>]* src="/assets/index-[\w-]+\.js">', page)
    assert re.search(r'<link rel="stylesheet"[^>]* href="/assets/index-[\w-]+\.css">', page)
    assert 'href="/public/style.css"' in page
    assert 'src="/public/script.js" type="module"' in page
    assert '<meta property="og:root_path" content="">' in page
    assert "window.theme = {" in page


def test_the_title_is_the_studys(real: str) -> None:
    """Tab, first screen and nothing of Chainlit's name."""
    page = rewrite_index(real, title="Everyday talk", welcome="Ten *minutes*.\n")
    assert page.count("<title>Everyday talk</title>") == 1
    assert '<template id="study-welcome-text"><p dir="auto">Ten <em>minutes</em>.</p></template>' in page
    assert "chainlit" not in page.lower()


def test_markup_in_the_study_stays_text(real: str) -> None:
    """A title or text cannot open a tag or leave its attribute."""
    page = rewrite_index(
        real, title='</title><script>"', welcome="</template><img src=x>", ended="</template><img src=x>"
    )
    assert "</title><script>" not in page
    assert page.count("</template>") == 2
    assert "<img" not in page


def test_backslashes_in_a_title_are_text(real: str) -> None:
    r"""A title such as "\1" is not read as a reference of the replacement."""
    assert r"<title>\1 \g<0></title>".replace("<0>", "&lt;0&gt;") in rewrite_index(
        real, title=r"\1 \g<0>", welcome=""
    )


@pytest.mark.parametrize(
    "foreign",
    [
        '<script src="https://other.example/x.js"></script>',
        "<script src='//other.example/x.js'></script>",
        '<img src="http://other.example/x.png">',
        '<iframe src = "https://other.example/">',
    ],
)
def test_a_page_with_something_new_from_elsewhere_stops_the_start(real: str, foreign: str) -> None:
    """What the rewriting does not know how to take out is refused, loudly, instead of let through."""
    with pytest.raises(StartError, match=r"index\.html"):
        rewrite_index(real.replace("<body>", f"<body>{foreign}"), title="T", welcome="W")


def test_a_page_without_a_title_stops_the_start() -> None:
    """A page of another make is refused."""
    with pytest.raises(StartError):
        rewrite_index("<html></html>", title="T", welcome="W")


def test_an_unknown_page_stops_the_start_not_a_visit() -> None:
    """The check is made when the routes are."""
    with pytest.raises(StartError):
        routes_of(study_called("T"), lambda root: "<html></html>")


def test_the_policy_allows_inline_scripts_by_hash_only(real: str) -> None:
    """Each inline script of the page has its hash; no other can run, and eval cannot."""
    page = rewrite_index(real, title="T", welcome="W")
    written = policy(page)
    scripts = re.search(r"script-src ([^;]+)", written)
    assert scripts
    assert "unsafe" not in scripts[1]
    assert scripts[1].count("'sha256-") == page.count("<script>")
    assert "http" not in written


@pytest.mark.parametrize(
    "path", ["/", "/thread/0b7f4b5e-0000-4000-8000-000000000000", "/element/x", "/share/x"]
)
def test_who_is_not_signed_in_is_led_to_the_form(client: TestClient, path: str) -> None:
    """Before the bundle is even named."""
    answer = client.get(path)
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    assert "script" not in answer.text


def test_who_is_signed_in_gets_the_page(client: TestClient) -> None:
    """With its policy, and never from a cache unasked: the cookie may be gone."""
    sign_in(client)
    answer = client.get("/")
    assert answer.status_code == 200
    assert "<title>Everyday talk</title>" in answer.text
    assert answer.headers["cache-control"] == "no-cache"
    assert "default-src 'self'" in answer.headers["content-security-policy"]


def test_a_study_loaded_anew_shows_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The page is kept ready, but never an old one."""
    monkeypatch.setenv("CHAINLIT_AUTH_SECRET", SECRET)
    study = study_called("Everyday talk")
    client = TestClient(Starlette(routes=routes_of(study)))
    sign_in(client)
    assert "Everyday talk" in client.get("/").text
    study.definition = study_called("Another study").definition
    assert "<title>Another study</title>" in client.get("/").text


def test_the_page_speaks_the_browsers_language(client: TestClient) -> None:
    """Its texts come with it, in one of the four languages; English where the browser wants none of them."""
    sign_in(client)
    german = client.get("/", headers={"accept-language": "de-AT,de;q=0.9,en;q=0.5"})
    assert '<html lang="de">' in german.text
    assert "Schließen" in german.text
    assert '<html lang="en">' in client.get("/", headers={"accept-language": "fi"}).text
    assert german.headers["vary"] == "Accept-Language, Accept-Encoding"


def test_the_page_is_compressed_once_for_all(client: TestClient) -> None:
    """Whoever takes gzip gets the same page, and who does not gets it as it is."""
    sign_in(client)
    zipped = client.get("/", headers={"accept-encoding": "gzip"})
    plain = client.get("/", headers={"accept-encoding": "identity"})
    assert zipped.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert zipped.text == plain.text
    assert zipped.headers["content-security-policy"] == plain.headers["content-security-policy"]
