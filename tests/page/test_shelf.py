"""Files that never change come from the shelf, and are what the app would have answered."""

import os
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient
from starlette.types import ASGIApp, Receive, Scope, Send

from page.static_files.assets import asset_routes, chainlit_assets, public_files
from page.static_files.own_files import OwnFiles
from page.static_files.static_cache import StaticCache


class Counter:
    """ASGI middleware behind the shelf: counts what passes it."""

    passed = 0

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count, and pass on."""
        Counter.passed += scope["type"] == "http"
        await self._app(scope, receive, send)


class Site:
    """A public folder, an assets folder, a shelf before them."""

    def __init__(self, root: Path) -> None:
        self.script = root / "public" / "page" / "theme.js"
        self.script.parent.mkdir(parents=True)
        self.script.write_text("// one " + "x" * 3000)
        assets = root / "dist" / "assets"
        assets.mkdir(parents=True)
        (assets / "large-abc.js").write_text(os.urandom(1_200_000).hex())
        (assets / "huge-abc.bin").write_bytes(os.urandom(4_200_000))
        self.now = 0.0
        own = OwnFiles(root / "public", lambda: self.now)
        self.own = own
        routes = [
            *own.routes(public_files(root / "public", root / "cache")),
            *asset_routes([("/assets", chainlit_assets(root / "dist", root / "cache"))]),
        ]
        shelf = [Middleware(StaticCache, digest=lambda: own.digest), Middleware(Counter)]
        self.client = TestClient(Starlette(routes=routes, middleware=shelf))
        Counter.passed = 0

    @property
    def address(self) -> str:
        """Where the script is kept for good."""
        return f"/public/at-{self.own.digest}/page/theme.js"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A fresh site."""
    return Site(tmp_path)


def test_the_second_visitor_is_answered_from_the_shelf(site: Site) -> None:
    """With the same bytes and the same headers."""
    first, second = site.client.get(site.address), site.client.get(site.address)
    assert Counter.passed == 1
    assert second.content == first.content == site.script.read_bytes()
    assert second.headers == first.headers


def test_a_changed_file_is_not_on_the_shelf(site: Site) -> None:
    """Neither under its new address nor under its old one."""
    old = site.address
    site.client.get(old)
    site.script.write_text("// other")
    site.now += 60
    assert site.client.get(site.address).text == "// other"
    assert site.client.get(old).text == "// other"


def test_each_way_of_packing_has_its_own(site: Site) -> None:
    """Who cannot unpack never gets what is packed."""
    for offer in ("gzip", "identity", "gzip;q=0", "gzip"):
        answer = site.client.get(site.address, headers={"Accept-Encoding": offer})
        assert answer.headers.get("content-encoding") == ("gzip" if offer == "gzip" else None)
        assert answer.content == site.script.read_bytes()


@pytest.mark.parametrize(
    "offer", ["*", "GZIP", "x-gzip", "gzip;Q=0", "gzip;q=0, *", "identity;q=1, gzip;q=0.5"]
)
def test_what_is_kept_is_for_whom_it_was_made(site: Site, offer: str) -> None:
    """However the first of them wrote what it can unpack, the next gets what the next can."""
    first = site.client.get(site.address, headers={"Accept-Encoding": offer})
    assert first.content == site.script.read_bytes()
    for other, encoding in (("identity", None), ("gzip", "gzip")):
        answer = site.client.get(site.address, headers={"Accept-Encoding": other})
        assert answer.headers.get("content-encoding") == encoding


def test_who_has_it_is_told_so(site: Site) -> None:
    """If-None-Match and Range are heard behind the shelf."""
    etag = site.client.get(site.address).headers["etag"]
    assert site.client.get(site.address, headers={"If-None-Match": etag}).status_code == 304


@pytest.mark.parametrize("path", ["/public/page/theme.js", "/public/at-0123456789abcdef/page/theme.js"])
def test_what_may_change_is_never_kept(site: Site, path: str) -> None:
    """An address without today's digest is asked of the folder each time."""
    site.client.get(path)
    site.client.get(path)
    assert Counter.passed == 2


def test_a_large_file_comes_whole(site: Site) -> None:
    """Piece by piece, in order, and asked of the folder once."""
    first, second = (site.client.get("/assets/large-abc.js") for _ in range(2))
    assert len(first.content) == 2_400_000
    assert second.content == first.content
    assert Counter.passed == 1


def test_a_huge_file_is_not_kept(site: Site) -> None:
    """What would take the shelf's room is asked of the folder each time."""
    for _ in range(2):
        assert len(site.client.get("/assets/huge-abc.bin").content) == 4_200_000
    assert Counter.passed == 2


def test_other_methods_pass(site: Site) -> None:
    """Only GET is answered."""
    site.client.get(site.address)
    assert site.client.head(site.address).content == b""
    assert site.client.post(site.address).status_code == 405


def test_it_cannot_be_filled_up(site: Site) -> None:
    """A thousand ways of writing one address leave room for the next visitor's."""
    address = site.address
    for number in range(1100):
        site.client.get(address.replace("page/", "page/" + "./" * (number % 40) + "%2e/" * (number // 40)))
    Counter.passed = 0
    site.client.get(address)
    site.client.get(address)
    assert Counter.passed <= 1
