"""How long one thread takes to open in the researchers' room: `python -m bench.room_thread`.

A server of its own, threads of 500 and 5,000 messages with four tool calls and a call to a model behind each
reply. Asked for over and over by one researcher: until the whole page has come, the reading, the line in the
audit log and the drawing included; and in Chromium until the page can be read.
"""

import argparse
import asyncio
import json
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Coroutine, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Page, sync_playwright

from bench.long_thread_seed import seed_thread
from bench.process import ServerProcess, command, verbatim

TREE: Final = Path(__file__).resolve().parents[1]
STUDY: Final = TREE / "tests" / "browser" / "study"
# A thread of 500 messages; a longer one opens in parts, and is held to the same.
LIMIT_MS: Final = 300.0
_NOBODY: Final = "11111111-1111-4111-8111-111111111111"
_READY: Final = "performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd"


@dataclass(frozen=True)
class RoomThreadFigures:
    """A thread's.

    Args:
        messages: How many were said in it.
        kilobytes: Of the page.
        fastest_ms: The quickest answer: what the machine can do when nobody else is at it.
        middle_ms: The one in the middle.
        browser_ms: In Chromium until the page is parsed and its scripts have run, in the middle.
    """

    messages: int
    kilobytes: float
    fastest_ms: float
    middle_ms: float
    browser_ms: float


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--messages", type=int, nargs="+", default=[500, 5_000])
    parser.add_argument("--times", type=int, default=20, help="how often each is asked for")
    parser.add_argument("--json", type=Path, help="write the figures to this file as well")
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        found = measure(Path(folder), asked.messages, asked.times)
    for one in found:
        print(
            f"{one.messages:,} messages, {one.kilobytes:,.0f} kB: {one.fastest_ms:.0f} ms at best, "
            f"{one.middle_ms:.0f} ms in the middle (to hold: {LIMIT_MS:g} ms); "
            f"in Chromium readable after {one.browser_ms:.0f} ms"
        )
    if asked.json:
        asked.json.write_text(json.dumps([asdict(one) for one in found], indent=2), encoding="utf-8")


def measure(folder: Path, sizes: Sequence[int], times: int) -> list[RoomThreadFigures]:
    """Seed a server, and read its threads as its owner.

    Args:
        folder: For its data.
        sizes: Of the threads, in messages.
        times: How often each is asked for.
    """
    with verbatim(TREE, folder / "data", STUDY) as server, sync_playwright() as playwright:
        address = server.environment["VERBATIM_DATABASE_URL"]
        threads = {
            size: _beside(seed_thread(address, folder / str(size), _NOBODY, size, with_work=True))
            for size in sizes
        }
        usual = "/usr/bin/chromium"
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM") or (usual if Path(usual).exists() else None),
            args=["--no-sandbox", "--disable-gpu"],
        )
        page = browser.new_context(base_url=server.url, viewport={"width": 1280, "height": 800}).new_page()
        _sign_in(page, server)
        found = [_figures(page, size, thread_id, times) for size, thread_id in threads.items()]
        browser.close()
    return found


def _figures(page: Page, size: int, thread_id: str, times: int) -> RoomThreadFigures:
    address, took, readable, content = f"/research/threads/{thread_id}", [], [], b""
    for _ in range(times):
        begun = time.monotonic()
        content = page.request.get(address).body()
        took.append(time.monotonic() - begun)
        page.goto(address)
        readable.append(page.evaluate(_READY))
    return RoomThreadFigures(
        size,
        len(content) / 1000,
        min(took) * 1000,
        statistics.median(took) * 1000,
        statistics.median(readable),
    )


def _sign_in(page: Page, server: ServerProcess) -> None:
    page.goto("/research/threads")
    page.get_by_label("Name").fill("owner")
    page.get_by_label("Password").fill(command(server, "researcher", "first"))
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Threads", level=1).wait_for()


def _beside(work: Coroutine[Any, Any, str]) -> str:
    """Run a coroutine beside Playwright's own loop."""
    done: list[str] = []
    thread = threading.Thread(target=lambda: done.append(asyncio.run(work)))
    thread.start()
    thread.join()
    return done[0]


if __name__ == "__main__":
    main()
