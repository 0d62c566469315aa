"""How long an export takes and how much memory: DESIGN section 7's row, with the peer beside it.

The peer is ADBC: the same rows of the same SQLite file, by the same select, straight to Parquet in C++,
without our types, digest, codebook or manifest. Each runs in a process of its own, one after the other,
after a first run that brings the file into the operating system's memory and is not counted. Of the two
that are compared, the middle one of three runs counts.

`python -m bench.export --messages 1000000 --json export.json`
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table
from sqlalchemy.dialects import sqlite

from exports.columns.scope import Scope
from exports.tables.messages import TABLE as MESSAGES

TREE: Final = Path(__file__).resolve().parent.parent
PEER: Final = "ADBC, messages"
OURS: Final = "Verbatim, messages"
VERIFIED: Final = "Verbatim, all tables, verified"
# DESIGN section 7.
TIMES_THE_PEER: Final = 2.0
LIMIT_MB: Final = 300.0
TOLD_FROM: Final = 1_000_000  # messages; of fewer, starting Python is a large part


@dataclass(frozen=True)
class ExportFigures:
    """One way to export.

    Args:
        name: Which.
        messages: In the study.
        seconds: From starting the process to its end.
        cpu_s: What it took of both cores.
        rss_mb: Its resident memory at its highest.
        size_mb: What it wrote.
    """

    name: str
    messages: int
    seconds: float
    cpu_s: float
    rss_mb: float
    size_mb: float


def measure(name: str, messages: int, command: Sequence[str], out: Path) -> ExportFigures:
    """Run one way to export, and take the middle run by time.

    Args:
        name: Which.
        messages: In the study.
        command: What is run.
        out: Where it writes to; removed before each run and after the last.
    """
    count = 3 if name in (PEER, OURS) else 1
    runs = sorted((_once(name, messages, command, out) for _ in range(count)), key=lambda run: run.seconds)
    return runs[count // 2]


def _once(name: str, messages: int, command: Sequence[str], out: Path) -> ExportFigures:
    _remove(out)
    begun = time.monotonic()
    process = subprocess.Popen(command, cwd=TREE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    # What the kernel calls a child's greatest memory counts this process's as well, before exec(): so this
    # one stays small, and makes the study in another.
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.monotonic() - begun
    if process.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}")
    size = sum(
        path.stat().st_size for path in (out.iterdir() if out.is_dir() else [out] if out.exists() else [])
    )
    _remove(out)
    cpu = used.ru_utime + used.ru_stime
    return ExportFigures(name, messages, seconds, cpu, used.ru_maxrss / 1024, size / 1e6)


def compare(url: str, messages: int, folder: Path) -> list[ExportFigures]:
    """Measure both, and ours with all tables and all formats, and proved against the database.

    Args:
        url: The database.
        messages: In it.
        folder: For what is written.
    """
    out = folder / "out"
    export = [sys.executable, "-m", "exports", str(out), "--database", url]
    query = folder / "query.sql"
    query.write_text(_messages_query(), encoding="utf-8")
    path = url.removeprefix("sqlite+aiosqlite:///")
    peer = [sys.executable, "-m", "bench.export_peer", path, str(query), str(folder / "peer.parquet")]
    ways = [
        (PEER, peer, folder / "peer.parquet"),
        (OURS, [*export, "--tables", "messages"], out),
        ("Verbatim, all tables", export, out),
        ("Verbatim, all tables, CSV", [*export, "--format", "csv"], out),
        ("Verbatim, messages, JSONL", [*export, "--tables", "messages", "--format", "jsonl"], out),
    ]
    _once(PEER, messages, peer, folder / "peer.parquet")
    found = []
    for name, command, target in ways:
        Console(stderr=True).print(f"{name} ...")
        found.append(measure(name, messages, command, target))
    proved = folder / "proved"
    subprocess.run([*export[:-3], str(proved), *export[-2:]], cwd=TREE, check=True, capture_output=True)
    verify = [sys.executable, "-m", "exports", "verify", str(proved), "--database", url]
    return [*found, _once(VERIFIED, messages, verify, out)]


def table_of(rows: Sequence[ExportFigures]) -> Table:
    """The figures as a table, each with its ratio to the peer's."""
    peer = next(row for row in rows if row.name == PEER)
    table = Table("", "seconds", "x peer", "CPU s", "peak MB", "written MB")
    for row in rows:
        ratio = f"{row.seconds / peer.seconds:.2f}"
        table.add_row(
            row.name,
            f"{row.seconds:.1f}",
            ratio,
            f"{row.cpu_s:.1f}",
            f"{row.rss_mb:.0f}",
            f"{row.size_mb:.0f}",
        )
    return table


def target_misses(rows: Sequence[ExportFigures]) -> list[str]:
    """Name the targets that are missed."""
    by_name = {row.name: row for row in rows}
    ours, peer = by_name[OURS], by_name[PEER]
    misses = []
    if ours.messages >= TOLD_FROM and ours.seconds > TIMES_THE_PEER * peer.seconds:
        misses.append(
            f"{ours.seconds:.1f} s is more than {TIMES_THE_PEER:g} times the peer's {peer.seconds:.1f}"
        )
    for row in rows:
        # A verification holds the ids that others join (exports/verify/joins.py).
        if row.name not in (PEER, VERIFIED) and row.rss_mb > LIMIT_MB:
            misses.append(f"{row.name}: {row.rss_mb:.0f} MB is more than {LIMIT_MB:g} MB")
    return misses


def _messages_query() -> str:
    statement = MESSAGES.rows(Scope())
    # The peer's cursor takes no parameters by position; these are our own words.
    return str(statement.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}))


def _remove(out: Path) -> None:
    if out.is_dir():
        shutil.rmtree(out)
    else:
        out.unlink(missing_ok=True)


def main() -> int:
    """Measure, print, and say whether the targets hold.

    Returns:
        0, or 1 when one is missed.
    """
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    options = parser.parse_args()
    console = Console()
    with tempfile.TemporaryDirectory(prefix="verbatim-bench-") as name:
        folder = Path(name)
        Console(stderr=True).print(f"Making {options.messages:,} messages ...")
        database = folder / "bench.db"
        making = [sys.executable, "-m", "bench.export_seed", str(database), str(options.messages)]
        subprocess.run(making, cwd=TREE, check=True)
        rows = compare(f"sqlite+aiosqlite:///{database}", options.messages, folder)
    console.print(table_of(rows))
    if options.json:
        written: list[dict[str, Any]] = [asdict(row) for row in rows]
        options.json.write_text(json.dumps(written, indent=2) + "\n", encoding="utf-8")
    misses = target_misses(rows)
    for miss in misses:
        console.print(f"[red]missed[/red]: {miss}")
    return 1 if misses else 0


if __name__ == "__main__":
    sys.exit(main())
