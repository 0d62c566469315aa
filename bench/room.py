"""How long a researcher waits for pages of the room, on a study of 100,000 threads and a million messages.

The real server stands on a database that `cli.py simulate --offline` has written, and a Chromium asks for
each page: the table of threads until its first row is seen, the same filtered, a search until its first hit,
a thread of 500 messages until its first message is seen and until all of it is there, and the overview, which
counts at the first time and remembers at the others. Each figure is the middle one of several, with the
longest beside it, and what the middle one cost the server in processor time, which tells on a busy machine
what a quiet one would take; what is measured includes some 20 ms between Chromium and us.

`python -m bench.room --json room.json`; `--data FOLDER` keeps the study in a folder, and finds it there.
"""

import argparse
import json
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import psutil
from playwright.sync_api import Page, sync_playwright
from rich.console import Console
from rich.table import Table

from bench.process import ServerProcess, verbatim
from demo.words import LONG_TITLE

TREE: Final = Path(__file__).resolve().parent.parent
STUDY: Final = TREE / "studies" / "example"
CHROMIUM: Final = "/usr/bin/chromium"
RUNS: Final = 7
THREADS: Final = 100_000
MESSAGES_EACH: Final = 10
# Issue 4, section 8.
FIRST_ROW_MS: Final = 300.0
THREAD_MS: Final = 300.0


@dataclass(frozen=True)
class RoomFigure:
    """How long a page takes.

    Args:
        what: Which page, and until what is seen.
        first_ms: The first time it was asked for.
        middle_ms: The middle of the later times.
        longest_ms: The longest of them.
        server_ms: Processor time of the server, in the middle.
        limit_ms: What it may take in the middle; None where nothing is promised.
    """

    what: str
    first_ms: float
    middle_ms: float
    longest_ms: float
    server_ms: float
    limit_ms: float | None = None


def measure(server: ServerProcess, runs: int = RUNS) -> list[RoomFigure]:
    """Look at the room with a browser.

    Args:
        server: Runs on a simulated study.
        runs: How often each page is asked for, after a first time.
    """
    name, password = _owner(server)
    long_thread = _long_thread(server)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(base_url=server.url, viewport={"width": 1280, "height": 800})
        page.set_default_timeout(120_000)
        page.goto("/research/account")  # not the overview: it is to count when it is measured
        page.get_by_label("Name").fill(name)
        page.get_by_label("Password").fill(password)
        page.keyboard.press("Enter")
        page.get_by_role("heading", name=name).wait_for()
        looks: list[tuple[str, str, str, float | None]] = [
            ("threads, first row", "/research/threads", "[data-row]", FIRST_ROW_MS),
            ("threads with an error, first row", "/research/threads?error=yes", "[data-row]", FIRST_ROW_MS),
            ("longest threads, first row", "/research/threads?sort=long", "[data-row]", None),
            ("a search, first hit", "/research/threads?q=latte+almond", "[data-row]", None),
            (
                "500 messages, first seen",
                f"/research/threads/{long_thread}",
                "article.thread .said",
                THREAD_MS,
            ),
        ]
        looks += [
            ("500 messages, all there", f"/research/threads/{long_thread}", "", THREAD_MS),
            ("overview", "/research/", "h1", None),
        ]
        process = psutil.Process(server.pid)
        figures = [_figure(page, process, runs, *look) for look in looks]
        browser.close()
    return figures


def _figure(
    page: Page, process: psutil.Process, runs: int, what: str, path: str, seen: str, limit_ms: float | None
) -> RoomFigure:
    def once() -> tuple[float, float]:
        page.goto("about:blank")
        spent, begun = sum(process.cpu_times()[:2]), time.perf_counter()
        # Without a place to look at: until the document is whole.
        page.goto(path, wait_until="commit" if seen else "domcontentloaded")
        if seen:
            page.locator(seen).first.wait_for()
        took = time.perf_counter() - begun
        return took * 1000, (sum(process.cpu_times()[:2]) - spent) * 1000

    (first, _), *later = [once() for _ in range(runs + 1)]
    waits, costs = zip(*later, strict=True)
    return RoomFigure(what, first, statistics.median(waits), max(waits), statistics.median(costs), limit_ms)


def simulated(folder: Path, threads: int, messages_each: int) -> None:
    """Write the study into a data folder, unless one is there."""
    if (folder / "verbatim.db").exists():
        return
    Console(stderr=True).print(f"Writing {threads:,} threads ...")
    making = [sys.executable, "cli.py", "simulate", "--offline", "--threads", str(threads)]
    server = verbatim(TREE, folder, STUDY)
    subprocess.run(
        [*making, "--messages-each", str(messages_each)], cwd=TREE, env=server.environment, check=True
    )


def _owner(server: ServerProcess) -> tuple[str, str]:
    """An account of its own; the study may have been looked at before."""
    name = f"bench-{time.time_ns()}"
    made = subprocess.run(
        [sys.executable, "cli.py", "researcher", "add", name, "--role", "owner"],
        cwd=TREE,
        env=server.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return name, made.stdout.strip()


def _long_thread(server: ServerProcess) -> str:
    path = server.environment["VERBATIM_DATABASE_URL"].removeprefix("sqlite+aiosqlite:///")
    with closing(sqlite3.connect(path)) as database:
        query = "SELECT thread_id FROM threads WHERE title = ? AND deleted_at IS NULL"
        return str(database.execute(query, (LONG_TITLE,)).fetchone()[0])


def table_of(figures: Sequence[RoomFigure]) -> Table:
    """The figures, for a person."""
    table = Table("milliseconds until", "first", "middle", "longest", "limit", "server CPU")
    for one in figures:
        limit = "" if one.limit_ms is None else f"{one.limit_ms:.0f}"
        table.add_row(
            one.what,
            f"{one.first_ms:.0f}",
            f"{one.middle_ms:.0f}",
            f"{one.longest_ms:.0f}",
            limit,
            f"{one.server_ms:.0f}",
        )
    return table


def main() -> int:
    """Measure, print, and say whether the limits hold.

    Returns:
        0, or 1 when one is missed.
    """
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--threads", type=int, default=THREADS)
    parser.add_argument("--messages-each", type=int, default=MESSAGES_EACH)
    parser.add_argument("--data", type=Path, help="keep the study in this folder")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    asked = parser.parse_args()
    console = Console()
    with tempfile.TemporaryDirectory(prefix="verbatim-bench-") as name:
        folder = (asked.data or Path(name)).absolute()
        simulated(folder, asked.threads, asked.messages_each)
        with verbatim(TREE, folder, STUDY) as server:
            figures = measure(server)
    console.print(table_of(figures))
    console.print(f"Load of this machine at the end: {os.getloadavg()[0]:.1f}")
    if asked.json:
        written = json.dumps([asdict(one) for one in figures], indent=2)
        asked.json.write_text(written + "\n", encoding="utf-8")
    missed = [one for one in figures if one.limit_ms is not None and one.middle_ms > one.limit_ms]
    for one in missed:
        console.print(f"[red]missed[/red]: {one.what}: {one.middle_ms:.0f} ms")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
