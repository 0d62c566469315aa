"""What a page load costs the server: `python -m bench.page_load`.

Everything that a browser asks for on a cold and on a warm load of the first screen, recorded once from
a real Chromium and then asked for again and again, with the server's CPU time beside it.
"""

import argparse
import http.client
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from playwright.sync_api import Page, Request, sync_playwright

from bench.process import ServerProcess, verbatim

TREE: Final = Path(__file__).resolve().parents[1]
STUDY: Final = TREE / "tests" / "browser" / "study"
TICKS: Final = os.sysconf("SC_CLK_TCK")
FILES: Final = ("/assets/", "/public/")


@dataclass(frozen=True)
class Asked:
    """One request of the page."""

    method: str
    path: str
    headers: Mapping[str, str]


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--loads", type=int, default=200, help="how often the page is loaded")
    loads: int = parser.parse_args(arguments).loads
    with tempfile.TemporaryDirectory() as folder, verbatim(TREE, Path(folder), STUDY) as server:
        cold, warm = _record(server)
        print(
            f"cold: {len(cold)} requests, {_files(cold)} of them for files; warm: {len(warm)}, {_files(warm)}"
        )
        for name, asked in (("page and files, cold", cold), ("page and files, warm", warm)):
            print(f"{name}: {_cost_ms(server, _still(asked), loads):.1f} ms of CPU")


def _record(server: ServerProcess) -> tuple[list[Asked], list[Asked]]:
    """What Chromium asks for on its first load of the chat, and on its second."""
    seen: list[Asked] = []

    def note(request: Request) -> None:
        parts = urlsplit(request.url)
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        seen.append(Asked(request.method, path, request.all_headers()))

    with sync_playwright() as playwright:
        usual = "/usr/bin/chromium"
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM") or (usual if Path(usual).exists() else None),
            args=["--no-sandbox", "--disable-gpu"],
        )
        page = browser.new_context(base_url=server.url).new_page()
        page.goto("/login")
        page.locator("[name=username]").fill("Bench")
        page.keyboard.press("Enter")
        _ready(page)
        cookies = page.context.storage_state()
        fresh = browser.new_context(base_url=server.url, storage_state=cookies).new_page()
        fresh.on("requestfinished", note)
        fresh.goto("/")
        _ready(fresh)
        cold, seen = seen[:], seen
        seen.clear()
        fresh.reload()
        _ready(fresh)
        # What the browser's own cache has answered reaches no server.
        warm = [one for one in seen if not one.path.startswith(FILES) or "if-none-match" in one.headers]
        browser.close()
    return cold, warm


def _ready(page: Page) -> None:
    page.locator("#chat-input").wait_for()
    page.wait_for_load_state("networkidle")


def _files(asked: Sequence[Asked]) -> int:
    return sum(one.path.startswith(FILES) for one in asked)


def _still(asked: Sequence[Asked]) -> list[Asked]:
    """The page itself and files: what does not depend on a session."""
    kept = ("/project/translations", *FILES)
    return [one for one in asked if one.method == "GET" and (one.path == "/" or one.path.startswith(kept))]


def _cost_ms(server: ServerProcess, asked: Sequence[Asked], loads: int) -> float:
    connection = http.client.HTTPConnection("127.0.0.1", server.port)
    _ask(connection, asked)
    before = _cpu_s(server.pid)
    for _ in range(loads):
        _ask(connection, asked)
    return (_cpu_s(server.pid) - before) / loads * 1000


def _ask(connection: http.client.HTTPConnection, asked: Sequence[Asked]) -> None:
    for one in asked:
        headers = {name: value for name, value in one.headers.items() if not name.startswith(":")}
        connection.request(one.method, one.path, headers=headers)
        connection.getresponse().read()


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


if __name__ == "__main__":
    main()
