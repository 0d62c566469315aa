"""How long threads open, and who waits for them, with stock Chainlit's figures beside (measured once).

A participant's browser opens threads of 100, 500 and 2,000 messages: the time until the last message
stands on the screen, until a click on "Show earlier" has shown the hundred before, and until a reply of 40
tokens that takes 0.85 s alone has been shown below. Meanwhile nobody else is there. Then the longest
thread is saved and printed over and over, while another visitor asks for a small page every 20 ms: how
long that one waits tells whether one long thread holds up the process.

`python -m bench.long_thread --messages 100 500 2000 --json long_thread.json`
"""

import argparse
import asyncio
import json
import statistics
import tempfile
import threading
import time
import urllib.request
from collections.abc import Coroutine
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import BrowserContext, Page, sync_playwright
from rich.console import Console
from rich.table import Table

from bench.long_thread_seed import seed_thread
from bench.process import ServerProcess, verbatim

HERE: Final = Path(__file__).parent
CHROMIUM: Final = "/usr/bin/chromium"
RUNS: Final = 3
PATIENCE_MS: Final = 120_000
SAVES: Final = 10
# Chainlit 2.12 with its whole thread in one frame, measured on 2 cores: seconds until the last message is
# visible, until 40 tokens are shown, and how long its loop stands still for everybody.
STOCK: Final = {100: ("2.5-3", "3.9-5.2", "127"), 500: ("7-10", "20-26", "638"), 2000: (">100", "-", "3195")}


@dataclass(frozen=True)
class LongThreadFigures:
    """A thread's.

    Args:
        visible_s: From asking for its address until its last message is on the screen; the middle of RUNS.
        earlier_s: From a click until the hundred messages before are shown; None where there are none.
        reply_s: From sending a message until its reply is whole.
    """

    messages: int
    visible_s: float
    earlier_s: float | None
    reply_s: float


@dataclass(frozen=True)
class ReadingWaits:
    """How long another visitor waited for a small page, in milliseconds.

    Args:
        while_nothing: The longest while nobody else asked.
        while_saving: The longest while the longest thread was saved and printed.
        saves_s: How long each of these took, in the middle.
    """

    while_nothing: float
    while_saving: float
    saves_s: float


def main() -> None:
    """Measure and tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--messages", type=int, nargs="+", default=[100, 500, 2_000])
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found, waits = measure(Path(folder), sorted(asked.messages))
    Console().print(table_of(found))
    Console().print(
        f"Another visitor's longest wait: {waits.while_nothing:.0f} ms alone, {waits.while_saving:.0f} ms "
        f"while the longest thread was saved and printed {2 * SAVES} times ({waits.saves_s:.2f} s each)."
    )
    if asked.json:
        said = {"threads": [asdict(one) for one in found], "waits": asdict(waits)}
        asked.json.write_text(json.dumps(said, indent=2), encoding="utf-8")


def measure(folder: Path, sizes: list[int]) -> tuple[list[LongThreadFigures], ReadingWaits]:
    """Seed a server of its own, and look at it with a browser.

    Args:
        folder: For its data.
        sizes: Of the threads, in messages.
    """
    with verbatim(HERE.parent, folder / "data", HERE / "study") as server, sync_playwright() as playwright:
        switches = ["--no-sandbox", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=switches)
        context = browser.new_context(base_url=server.url, viewport={"width": 1280, "height": 800})
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.goto("/login")
        page.locator("[name=username]").fill("Reader")
        page.locator("[name=username]").press("Enter")
        page.locator("#chat-input").wait_for()
        reader = page.request.get("/user").json()["identifier"]
        found, longest = [], ""
        for size in sizes:
            seed = seed_thread(server.environment["VERBATIM_DATABASE_URL"], folder / str(size), reader, size)
            longest = _now(seed)
            found.append(_thread(page, longest, size))
        waits = _waits(server, context, longest)
        browser.close()
    return found, waits


def _thread(page: Page, thread_id: str, size: int) -> LongThreadFigures:
    opened = []
    for _ in range(RUNS):
        begun = time.monotonic()
        page.goto(f"/thread/{thread_id}")
        page.locator(".step", has_text=f"Turn {size // 2}:").wait_for()
        opened.append(time.monotonic() - begun)
    earlier = page.locator("#earlier > .own-button")
    earlier_s = None
    if earlier.count():
        begun = time.monotonic()
        earlier.click()
        page.locator("#earlier .step").last.wait_for(state="attached")
        earlier_s = time.monotonic() - begun
    replies = page.locator('[data-step-type="assistant_message"]')
    before = replies.count()
    page.locator("#chat-input").fill("And now?")
    begun = time.monotonic()
    page.locator("#chat-submit").click()
    replies.nth(before).wait_for()
    page.locator("#stop-button").wait_for(state="detached")
    return LongThreadFigures(size, statistics.median(opened), earlier_s, time.monotonic() - begun)


def _waits(server: ServerProcess, context: BrowserContext, thread_id: str) -> ReadingWaits:
    alone = _longest(server, lambda: time.sleep(1))
    took: list[float] = []

    def save() -> None:
        for path in ("save.json", "print") * SAVES:
            begun = time.monotonic()
            answer = context.request.get(f"/me/threads/{thread_id}/{path}")
            took.append(time.monotonic() - begun)
            if answer.status != 200:
                raise RuntimeError(f"{path} was answered with {answer.status}")

    saving = _longest(server, save)
    return ReadingWaits(alone * 1_000, saving * 1_000, statistics.median(took))


def _longest(server: ServerProcess, work: Any) -> float:
    """The longest that another visitor waits while some work is done."""
    waits: list[float] = []
    over = threading.Event()

    def visit() -> None:
        while not over.is_set():
            begun = time.monotonic()
            with urllib.request.urlopen(f"{server.url}/favicon", timeout=60) as answer:  # noqa: S310
                answer.read()
            waits.append(time.monotonic() - begun)
            time.sleep(0.02)

    visitor = threading.Thread(target=visit)
    visitor.start()
    work()
    over.set()
    visitor.join()
    return max(waits)


def table_of(found: list[LongThreadFigures]) -> Table:
    """The threads' figures, the peer's beside."""
    table = Table(title="Long threads, in seconds")
    for name in ("messages", "visible", "stock", "earlier 100", "reply", "stock", "stock's loop stands, ms"):
        table.add_column(name, justify="right")
    for one in found:
        visible, reply, still = STOCK.get(one.messages, ("", "", ""))
        earlier = f"{one.earlier_s:.2f}" if one.earlier_s is not None else "-"
        row = (
            f"{one.messages:,}",
            f"{one.visible_s:.2f}",
            visible,
            earlier,
            f"{one.reply_s:.2f}",
            reply,
            still,
        )
        table.add_row(*row)
    return table


def _now(work: Coroutine[Any, Any, str]) -> str:
    """Run a coroutine beside Playwright's own loop."""
    done: list[str] = []
    thread = threading.Thread(target=lambda: done.append(asyncio.run(work)))
    thread.start()
    thread.join()
    return done[0]


if __name__ == "__main__":
    main()
