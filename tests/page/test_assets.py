"""The bundle is compressed once, kept by browsers, and nothing else of the disk is served."""

import asyncio
import gzip
import os
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.testclient import TestClient

from page.static_files.assets import Folder, asset_routes, chainlit_assets, public_files

SCRIPT = b"const words = ['verbatim'];\n" * 500


class Site:
    """A build folder, its cache, and a browser before them."""

    def __init__(self, root: Path) -> None:
        self.build = root / "dist"
        self.assets = self.build / "assets"
        self.assets.mkdir(parents=True)
        self.cache = root / "cache"
        (root / "secret").write_text("not yours")
        (self.assets / "index-abc.js").write_bytes(SCRIPT)
        (self.assets / "tiny.css").write_bytes(b"p{}")
        (self.assets / "font.woff2").write_bytes(bytes(range(256)) * 20)
        (self.assets / ".hidden.js").write_bytes(SCRIPT)
        self.folder = chainlit_assets(self.build, self.cache)
        routes = asset_routes([("/assets", self.folder)])
        offer = {"accept-encoding": "gzip, deflate, br"}
        self.client = TestClient(Starlette(routes=routes), headers=offer)
        # As Chainlit's app has it.
        compressing = Starlette(routes=routes, middleware=[Middleware(GZipMiddleware)])
        self.behind_gzip = TestClient(compressing, headers=offer)

    def zipped(self) -> list[Path]:
        """What the cache holds."""
        return sorted(self.cache.rglob("*")) if self.cache.exists() else []


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A fresh site."""
    return Site(tmp_path)


def test_the_bundle_arrives_whole_and_compressed(site: Site) -> None:
    """What the browser unpacks is the file, and its type is the script's."""
    answer = site.client.get("/assets/index-abc.js")
    assert answer.content == SCRIPT
    assert answer.headers["content-encoding"] == "gzip"
    assert int(answer.headers["content-length"]) < len(SCRIPT) / 10
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["vary"] == "Accept-Encoding"


def test_nothing_is_compressed_twice(site: Site) -> None:
    """Chainlit's middleware, which compresses whatever passes, lets our bytes through as they are."""
    alone = site.client.get("/assets/index-abc.js")
    behind = site.behind_gzip.get("/assets/index-abc.js")
    assert behind.content == SCRIPT
    assert behind.headers["content-length"] == alone.headers["content-length"]


def test_compression_happens_once(site: Site) -> None:
    """The second visitor gets the bytes that the first one's visit left behind."""
    (site.assets / "index-abc.js").write_text(os.urandom(200_000).hex())  # too large for the memory
    site.client.get("/assets/index-abc.js")
    (kept,) = [path for path in site.zipped() if path.is_file()]
    marked = gzip.compress(b"the kept copy")
    kept.write_bytes(marked)
    assert site.client.get("/assets/index-abc.js").content == b"the kept copy"


def test_a_restart_uses_what_is_kept(site: Site) -> None:
    """The cache outlives the process."""
    (site.assets / "index-abc.js").write_text(os.urandom(200_000).hex())  # too large for the memory
    site.client.get("/assets/index-abc.js")
    before = [(path, path.stat().st_mtime_ns) for path in site.zipped()]
    assert before
    again = TestClient(Starlette(routes=asset_routes([("/assets", chainlit_assets(site.build, site.cache))])))
    again.get("/assets/index-abc.js", headers={"accept-encoding": "gzip"})
    assert before == [(path, path.stat().st_mtime_ns) for path in site.zipped()]


def test_a_browser_keeps_the_bundle_for_a_year(site: Site) -> None:
    """The file's name carries its content, so nobody needs to ask again."""
    control = site.client.get("/assets/index-abc.js").headers["cache-control"]
    assert control == "public, max-age=31536000, immutable"


def test_a_browser_that_has_it_gets_no_body(site: Site) -> None:
    """If-None-Match with our tag, alone, in a list or weakened, is answered by 304."""
    etag = site.client.get("/assets/index-abc.js").headers["etag"]
    for offered in (etag, f'"other", {etag}', f"W/{etag}"):
        answer = site.client.get("/assets/index-abc.js", headers={"if-none-match": offered})
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer.headers["etag"] == etag


def test_another_tag_gets_the_file(site: Site) -> None:
    """A tag that is not the file's is no reason for 304."""
    answer = site.client.get("/assets/index-abc.js", headers={"if-none-match": '"stale"'})
    assert (answer.status_code, answer.content) == (200, SCRIPT)


@pytest.mark.parametrize("offer", ["", "identity", "br", "gzip;q=0", "gzip; q=0.0", "*;q=0"])
def test_who_cannot_unpack_gets_it_plain(site: Site, offer: str) -> None:
    """The plain file, under another tag than the compressed one."""
    zipped = site.client.get("/assets/index-abc.js").headers["etag"]
    answer = site.client.get("/assets/index-abc.js", headers={"accept-encoding": offer})
    assert answer.content == SCRIPT
    assert "content-encoding" not in answer.headers
    assert answer.headers["etag"] != zipped
    assert answer.headers["vary"] == "Accept-Encoding"


@pytest.mark.parametrize("offer", ["gzip", "GZIP", "br;q=1.0, gzip;q=0.5", "*"])
def test_who_can_unpack_gets_it_compressed(site: Site, offer: str) -> None:
    """Every way of offering gzip counts."""
    answer = site.client.get("/assets/index-abc.js", headers={"accept-encoding": offer})
    assert answer.headers["content-encoding"] == "gzip"


def test_what_gzip_cannot_shrink_is_left_alone(site: Site) -> None:
    """No copy of a font is made."""
    answer = site.client.get("/assets/font.woff2", headers={"accept-encoding": "identity"})
    assert answer.content == bytes(range(256)) * 20
    assert answer.headers["content-type"] == "font/woff2"
    assert not site.zipped()


def test_a_tiny_file_is_sent_as_it_is(site: Site) -> None:
    """Below a packet's size compression costs more than it saves."""
    assert site.client.get("/assets/tiny.css").content == b"p{}"
    assert not site.zipped()


@pytest.mark.parametrize(
    "path",
    [
        "/assets/missing.js",
        "/assets/",
        "/assets/../secret",
        "/assets/..%2f..%2fsecret",
        "/assets/%2e%2e/%2e%2e/secret",
        "/assets//etc/passwd",
        "/assets/%2fetc%2fpasswd",
        "/assets/.hidden.js",
        "/assets/index-abc.js%00.css",
        "/assets/" + "x" * 5000,
    ],
)
def test_nothing_else_is_served(site: Site, path: str) -> None:
    """What is missing, hidden, outside or no name at all is one and the same 404."""
    answer = site.client.get(path)
    assert answer.status_code == 404
    assert "not yours" not in answer.text


def test_a_link_does_not_lead_out(site: Site) -> None:
    """A symbolic link to a file outside the folder is not followed."""
    (site.assets / "link.js").symlink_to(site.build.parent / "secret")
    assert site.client.get("/assets/link.js").status_code == 404


def test_our_own_files_are_asked_for_again(site: Site) -> None:
    """A style sheet that was changed under its name reaches the next visitor."""
    folder = public_files(site.assets, site.cache)
    client = TestClient(Starlette(routes=asset_routes([("/public", folder)])))
    first = client.get("/public/index-abc.js")
    assert first.headers["cache-control"] == "public, no-cache"
    changed = site.assets / "index-abc.js"
    changed.write_bytes(SCRIPT + b"// changed")
    os.utime(changed, ns=(0, 0))
    second = client.get("/public/index-abc.js", headers={"if-none-match": first.headers["etag"]})
    assert (second.status_code, second.content) == (200, SCRIPT + b"// changed")


def test_a_disk_that_takes_nothing_costs_compression_only(site: Site) -> None:
    """Where the cache cannot be written, the plain file is served and the middleware compresses it."""
    site.cache.write_text("a file where the folder should be")
    assert site.behind_gzip.get("/assets/index-abc.js").content == SCRIPT


async def test_ten_visitors_at_a_cold_start_cost_one_compression(site: Site) -> None:
    """Who comes while the file is prepared waits for it instead of doing it again."""
    prepared: list[Path] = []

    class Counting(Folder):
        def _prepare(self, path: Path) -> object:  # type: ignore[override]
            prepared.append(path)
            return super()._prepare(path)

    folder = Counting(site.assets, site.cache, "no-store")
    await asyncio.gather(*(folder._find("index-abc.js") for _ in range(10)))
    assert len(prepared) == 1


def test_head_has_no_body(site: Site) -> None:
    """HEAD gives the same headers."""
    answer = site.client.head("/assets/index-abc.js")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-encoding"] == "gzip"
