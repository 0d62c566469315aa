"""Our own files are kept for good under addresses that change with them."""

import re
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from page.static_files.assets import public_files
from page.static_files.own_files import LOOK_EVERY_S, OwnFiles

FOREVER = "immutable"


class Site:
    """A public folder, and a browser before it."""

    def __init__(self, root: Path) -> None:
        self.public = root / "public"
        for folder in ("page/base", "page/sidebar"):
            (self.public / folder).mkdir(parents=True)
        self.write("script.js", 'import "./page/theme.js";')
        self.write("style.css", "p{}")
        for name in ("page/theme.js", "page/sidebar/rows.css", "page/base/wire.js"):
            self.write(name, "// " + name)
        self.now = 0.0
        self.own = OwnFiles(self.public, lambda: self.now)
        self.client = TestClient(Starlette(routes=self.own.routes(public_files(self.public, root / "cache"))))

    def write(self, name: str, text: str) -> None:
        """Put a file there."""
        (self.public / name).write_text(text, encoding="utf-8")

    def later(self) -> None:
        """Let the time between two looks pass."""
        self.now += LOOK_EVERY_S


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A fresh folder."""
    return Site(tmp_path)


def test_an_address_is_kept_for_good(site: Site) -> None:
    """A file named with the digest of now is never asked for again."""
    address = site.own.addressed('<script src="/public/script.js">').split('"')[1]
    assert re.fullmatch(r"/public/at-[0-9a-f]{16}/script\.js", address)
    answer = site.client.get(address)
    assert answer.text == 'import "./page/theme.js";'
    assert FOREVER in answer.headers["cache-control"]


def test_a_change_changes_every_address(site: Site) -> None:
    """Also of the files that import the one that was changed: a module is never mixed with another's age."""
    before = site.own.addressed('"/public/style.css"')
    site.write("page/theme.js", "// other")
    site.later()
    assert site.own.addressed('"/public/style.css"') != before


def test_a_page_for_readers_changes_no_address(site: Site) -> None:
    """What README.md says of the folder is no reason for a browser to ask for it all anew."""
    before = site.own.digest
    site.write("README.md", "# What the browser gets")
    site.later()
    assert site.own.digest == before


def test_an_old_address_is_not_kept(site: Site) -> None:
    """A page from before the change gets the file of now, and asks for it again next time."""
    old = site.own.digest
    site.write("page/theme.js", "// other")
    site.later()
    answer = site.client.get(f"/public/at-{old}/page/theme.js")
    assert answer.text == "// other"
    assert FOREVER not in answer.headers["cache-control"]


def test_a_plain_address_asks_each_time(site: Site) -> None:
    """Without a digest in it nothing can be promised."""
    assert "no-cache" in site.client.get("/public/style.css").headers["cache-control"]


def test_two_processes_agree(site: Site) -> None:
    """The digest is of the content, not of the moment at which a copy was made."""
    first = site.own.digest
    for path in site.public.rglob("*.js"):
        path.write_bytes(path.read_bytes())
    assert OwnFiles(site.public).digest == first


def test_the_head_names_all_of_page(site: Site) -> None:
    """One sheet, each module once, what the others build on first, and nothing from elsewhere."""
    names = re.findall(r'rel="(\w+)" href="/public/at-[0-9a-f]{16}/([^"]+)"', site.own.head())
    assert names == [
        ("stylesheet", "page.css"),
        ("modulepreload", "page/base/wire.js"),
        ("modulepreload", "page/theme.js"),
    ]


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_the_sheet_is_all_sheets(site: Site, encoding: str) -> None:
    """In their order, kept for good, and anew after a change."""
    site.write("page/base/base.css", "a{}")
    site.later()
    offer = {"Accept-Encoding": encoding}
    answer = site.client.get(f"/public/at-{site.own.digest}/page.css", headers=offer)
    assert answer.text == "a{}\n// page/sidebar/rows.css"
    assert FOREVER in answer.headers["cache-control"]
    site.write("page/base/base.css", "b{}")
    old = site.own.digest
    site.later()
    later = site.client.get(f"/public/at-{old}/page.css", headers=offer)
    assert later.text.startswith("b{}")
    assert FOREVER not in later.headers["cache-control"]


def test_no_sheet_of_page_names_a_file() -> None:
    """In one sheet their relative addresses would lead elsewhere."""
    public = Path(__file__).resolve().parents[2] / "public"
    for path in (public / "page").rglob("*.css"):
        assert "url(" not in path.read_text(encoding="utf-8"), path


@pytest.mark.parametrize("name", ["../secret", "at-0123456789abcdef/../../secret", "page/.hidden"])
def test_nothing_outside_is_served(site: Site, name: str) -> None:
    """The digest opens no way out of the folder."""
    (site.public.parent / "secret").write_text("not yours")
    (site.public / "page" / ".hidden").write_text("not yours")
    for path in (f"/public/{name}", f"/public/at-{site.own.digest}/{name}"):
        assert site.client.get(path.replace("..", "%2e%2e")).status_code == 404
