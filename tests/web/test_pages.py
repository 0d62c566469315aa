"""What every page that we draw ourselves has."""

import base64
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.tree import ROOT
from web.addresses import live_below, public_path
from web.pages import hash_of, page_headers, policy, rewritten, sheets_of, style_of, templates_in

TEMPLATES = sorted(
    path for name in ("page", "research", "web") for path in (ROOT / name).rglob("templates/*.html")
)
# An attribute that leads somewhere, and what it begins with.
LEADS = re.compile(r'\b(?:href|src|srcset|action|formaction|hx-[a-z]+|data-preview)="(/(?!/)|\{\{)([^"]*)')


@pytest.fixture
def below_study() -> Iterator[None]:
    """This process, found below a path."""
    live_below("/study")
    yield
    live_below("")


@pytest.mark.usefixtures("below_study")
def test_templates_write_and_compute_addresses_below_it(tmp_path: Path) -> None:
    """Whether an address stands in a template or comes from Python; words that look like one are words."""
    (tmp_path / "page.chainlit.index_page").write_text(
        '<a href="/research/{{ name }}">/research</a><form action="{{ to }}" method="post">'
        "<img src=\"{{ picture|replace('a', 'b') }}\">"
        '<input value="/login" name="next"><a href="//x.example">'
    )
    values = {"name": "threads", "to": "/login", "picture": "data:a"}
    assert templates_in(tmp_path).get_template("page.chainlit.index_page").render(values) == (
        '<a href="/study/research/threads">/research</a><form action="/study/login" method="post">'
        '<img src="dbtb:b"><input value="/login" name="next"><a href="//x.example">'
    )


@pytest.mark.usefixtures("below_study")
def test_sheets_name_files_below_it(tmp_path: Path) -> None:
    """A sheet inside a page has the page's address, so that its own must be whole."""
    (tmp_path / "a.css").write_text('@font-face { src: url("/public/a.woff2"); } a { mask: url("data:x"); }')
    assert sheets_of(tmp_path / "a.css") == (
        '@font-face { src: url("/study/public/a.woff2"); } a { mask: url("data:x"); }'
    )


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_address_of_a_template_is_forgotten(path: Path) -> None:
    """Every attribute that leads somewhere is one of those that the loader knows."""
    text = rewritten(path.read_text(encoding="utf-8"), "/study")
    forgotten = [
        found[0]
        for found in LEADS.finditer(text)
        if not (found[1] + found[2]).startswith("/study/") and "|below" not in found[2]
    ]
    assert forgotten == []


def test_at_the_root_nothing_is_written_anew() -> None:
    """Who needs no path pays for none."""
    assert public_path() == ""
    source = (ROOT / "research/templates/base.html").read_text(encoding="utf-8")
    assert rewritten(source, "") == source


def test_a_policy_opens_what_it_is_told_and_nothing_else() -> None:
    """Directives that default-src does not stand for are closed too where nothing is said of them."""
    assert policy(img_src="'self'", form_action="'self'") == (
        "default-src 'none'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


def test_a_hash_is_of_the_very_bytes() -> None:
    """As browsers reckon it: SHA-256 of UTF-8, in base64."""
    digest = base64.b64encode(hashlib.sha256("a{content:'ü'}".encode()).digest()).decode()
    assert hash_of("a{content:'ü'}") == f"'sha256-{digest}'"


def test_a_page_is_not_kept_and_not_guessed_at() -> None:
    """Each header that a page of ours needs is there without being asked for."""
    assert page_headers(policy(), referrer="no-referrer").keys() == {
        "Cache-Control",
        "Content-Security-Policy",
        "Referrer-Policy",
        "X-Content-Type-Options",
    }
    assert page_headers(policy())["Referrer-Policy"] == "same-origin"


def test_a_style_has_the_themes_colours(tmp_path: Path) -> None:
    """Light ones, dark ones for a screen that prefers them, and the sheets in their order."""
    for name in ("a", "b"):
        (tmp_path / f"{name}.css").write_text(f"{name} {{}}")
    style = style_of(tmp_path / "b.css", tmp_path / "a.css")
    assert style.startswith(":root{--")
    assert "prefers-color-scheme:dark" in style
    assert style.endswith("b {}a {}")
