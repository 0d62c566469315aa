"""What a page load costs the server, with the peer beside it: `python -m bench.page_load`.

Everything that a browser asks for on a cold and on a warm load of the first screen, recorded once from
a real Chromium and then asked for again and again, with the server's CPU time beside it. The peer is a stock
Chainlit app (bench/stock_app), which compresses its bundle anew each time.
"""

import argparse
import http.client
import json
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from playwright.sync_api import Page, Request, sync_playwright

from bench.load import STOCK_PASSWORD, stock_server
from bench.process import ServerProcess, verbatim

TREE: Final = Path(__file__).resolve().parents[1]
STUDY: Final = TREE / "tests" / "browser" / "study"
TICKS: Final = os.sysconf("SC_CLK_TCK")
FILES: Final = ("/assets/", "/public/")
# DESIGN section 7: what a cold page load may cost.
LIMIT_MS: Final = 10.0


@dataclass(frozen=True)
class LoadRequest:
    """One request of the page."""

    method: str
    path: str
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Costs:
    """What a load costs a server.

    Args:
        files: How many files a cold load asks for.
        cold_ms: CPU of the page and its files in a browser that knows nothing yet.
        warm_ms: The same in one that was there before.
    """

    files: int
    cold_ms: float
    warm_ms: float


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--loads", type=int, default=100, help="how often our page is loaded")
    parser.add_argument("--peer-loads", type=int, default=10, help="how often the peer's is")
    parser.add_argument("--json", type=Path, help="write the figures to this file as well")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        ours = _measured(verbatim(TREE, place / "ours", STUDY), _enter_ours, options.loads)
        peer = _measured(stock_server(place / "stock"), _enter_stock, options.peer_loads)
    for name, costs in (("Verbatim", ours), ("stock Chainlit", peer)):
        print(f"{name}: {costs.files} files, cold {costs.cold_ms:.1f} ms of CPU, warm {costs.warm_ms:.1f} ms")
    print(
        f"cold: {peer.cold_ms / ours.cold_ms:.0f} x less than the peer "
        f"(to hold: under {LIMIT_MS:g} ms); warm: {peer.warm_ms / ours.warm_ms:.0f} x less"
    )
    if options.json:
        options.json.write_text(json.dumps({"verbatim": asdict(ours), "stock": asdict(peer)}), "utf-8")


def _measured(server: ServerProcess, enter: Callable[[Page], None], loads: int) -> Costs:
    with server:
        cold, warm = _record(server, enter)
        return Costs(
            _files(cold), _cost_ms(server, _still(cold), loads), _cost_ms(server, _still(warm), loads)
        )


def _enter_ours(page: Page) -> None:
    page.goto("/login")
    page.locator("[name=username]").fill("Bench")
    page.keyboard.press("Enter")


def _enter_stock(page: Page) -> None:
    page.goto("/login")
    page.locator("#email").fill("Bench")
    page.locator("#password").fill(STOCK_PASSWORD)
    page.keyboard.press("Enter")


def _record(
    server: ServerProcess, enter: Callable[[Page], None]
) -> tuple[list[LoadRequest], list[LoadRequest]]:
    """What Chromium asks for on its first load of the chat, and on its second."""
    seen: list[Request] = []

    def note(request: Request) -> None:
        seen.append(request)

    with sync_playwright() as playwright:
        usual = "/usr/bin/chromium"
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM") or (usual if Path(usual).exists() else None),
            # The stock page asks other origins as well: none of them is anywhere.
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
            ],
        )
        page = browser.new_context(base_url=server.url).new_page()
        enter(page)
        _ready(page)
        cookies = page.context.storage_state()
        fresh = browser.new_context(base_url=server.url, storage_state=cookies).new_page()
        fresh.on("requestfinished", note)
        fresh.goto("/")
        _ready(fresh)
        cold = [_asked(request) for request in seen]
        seen.clear()
        fresh.reload()
        _ready(fresh)
        # What the browser's own cache has answered reaches no server.
        again = [_asked(request) for request in seen]
        warm = [one for one in again if not one.path.startswith(FILES) or "if-none-match" in one.headers]
        browser.close()
    return cold, warm


def _asked(request: Request) -> LoadRequest:
    """Read a request of a page that is still open: its headers are fetched from the browser."""
    parts = urlsplit(request.url)
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return LoadRequest(request.method, path, request.all_headers())


def _ready(page: Page) -> None:
    page.locator("#chat-input").wait_for()
    page.wait_for_load_state("networkidle")


def _files(asked: Sequence[LoadRequest]) -> int:
    return sum(one.path.startswith(FILES) for one in asked)


def _still(asked: Sequence[LoadRequest]) -> list[LoadRequest]:
    """The page itself and files: what does not depend on a session."""
    kept = ("/project/translations", *FILES)
    return [one for one in asked if one.method == "GET" and (one.path == "/" or one.path.startswith(kept))]


def _cost_ms(server: ServerProcess, asked: Sequence[LoadRequest], loads: int) -> float:
    connection = http.client.HTTPConnection("127.0.0.1", server.port)
    _ask(connection, asked)
    before = _cpu_s(server.pid)
    for _ in range(loads):
        _ask(connection, asked)
    return (_cpu_s(server.pid) - before) / loads * 1000


def _ask(connection: http.client.HTTPConnection, asked: Sequence[LoadRequest]) -> None:
    for one in asked:
        headers = {name: value for name, value in one.headers.items() if not name.startswith(":")}
        connection.request(one.method, one.path, headers=headers)
        connection.getresponse().read()


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


if __name__ == "__main__":
    main()
