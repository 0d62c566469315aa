"""Who may name an address of ours: below the path of a proxy a forgotten one leads nowhere."""

import re

import pytest

from tests.house.tree import files, modules, text

# The one module that knows where the page is found; the rest asks it.
KNOWS = "public/page/base/below.js"
SCRIPTS = [path for path in files(".js") if str(path).startswith(("public/page/", "research/"))]
OURS = re.compile(
    r"""(?:\b(?:fetch|assign|replace|EventSource|listen|import)\(|\b(?:import|from)|\b(?:href|src):|State\([^;]*?,)"""
    r"""\s*["'`]/(?!/)"""
)
IN_SHEET = re.compile(r"""url\(["']?/""")


@pytest.mark.parametrize("path", SCRIPTS, ids=str)
def test_a_script_asks_below_the_path(path: object) -> None:
    """By ask(), go() or below(), or from where it is itself; and never compares the browser's own path."""
    if str(path) == KNOWS:
        return
    told = text(path)  # type: ignore[arg-type]
    assert OURS.findall(told) == []
    if str(path).startswith("public/"):
        assert "location.pathname" not in told


def test_the_rule_would_catch_an_address() -> None:
    """In each way in which a script leads somewhere."""
    for line in (
        'await fetch("/user")',
        "fetch(`/me/${id}`)",
        'location.assign("/login")',
        'history.pushState(null, "", "/thread")',
        'new EventSource("/research/live/stream")',
        'import { a } from "/research/static/a.js"',
        'make("a", { href: "/me" })',
        'listen("/research/live")',
    ):
        assert OURS.search(line), line


def test_a_sheet_names_its_files_from_where_it_is() -> None:
    """But for those that stand inside a page, which web/pages.py reads."""
    elsewhere = ("page/inlined/", "stages/transcript/inlined/", "web/inlined/", "docs/")
    sheets = [path for path in files(".css") if not str(path).startswith(elsewhere)]
    assert sheets
    assert [str(path) for path in sheets if IN_SHEET.search(text(path))] == []


@pytest.mark.parametrize(
    ("made", "maker"),
    [
        (r"\bEnvironment\(", "web/pages.py"),  # templates: its loader puts their addresses below the path
        (r"sha256-", "web/pages.py"),  # how a policy names what stands in the page
        (r"b64encode\(", "web/pages.py"),  # likewise
        (r"""["']Referrer-Policy["']:""", "web/pages.py"),
        (r"\bMarkdownIt\(", "web/markdown.py"),
        (r"validateLink", "web/markdown.py"),
        (r"MovingWindow", "web/rate_limit.py"),
        (r"sandbox;", "web/files.py"),
    ],
)
def test_what_a_page_needs_is_made_in_one_place(made: str, maker: str) -> None:
    """Templates, hashes, headers, safe Markdown: a page that makes its own forgets one of their settings."""
    makers = [
        str(path)
        for path in files(".py")
        if path.parts[0] in ("page", "research", "stages", "web") and re.search(made, text(path))
    ]
    assert makers == [maker]


def test_a_number_from_elsewhere_is_read_in_one_place() -> None:
    """`isdigit` alone takes what `int` does not read: whoever reads a cursor by hand forgets it."""
    by_hand = re.compile(r"isascii\(\)[^\n]*isdigit\(")
    assert [str(path) for path in modules() if by_hand.search(text(path))] == ["study/numbers.py"]
