"""How many participants one process bears: DESIGN section 7's row, with the peer beside it.

Each participant logs in, makes the page's reads, connects, and says 4 messages, thinking for 15 s
before each; the agent answers with 40 tokens, a pause of 20 ms before each. Log-ins are spread
evenly over one think time, so that at any moment participants stand at every point of it.
The participants run in a process of their own, whose longest pause tells whether it kept up.

`python -m bench.load --participants 50 200 500 --peer --json load.json`
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from secrets import token_urlsafe
from typing import Any, Final

from rich.console import Console

from bench.load_record import OURS, STOCK, Kept, compare
from bench.load_report import LoadFigures, figures_of, table_of, target_misses
from bench.load_watch import Watch
from bench.process import COMMANDS, ServerProcess, verbatim
from study.vocabulary import Transport

HERE: Final = Path(__file__).parent
TREE: Final = HERE.parent

# The peer writes in tasks that nobody awaits: they get their time before its server is ended.
SETTLE_S: Final = 3.0
STOCK_PASSWORD: Final = "bench"  # noqa: S105 - as in stock_app/app.py


@dataclass(frozen=True)
class App:
    """One of the two that are compared.

    Args:
        name: For the table.
        server: Makes a server with its data in a given folder.
        database: The name of its database in that folder.
        kept: How its database is read.
        password: What its log-in form asks for besides a name.
        transport: How participants' pages are connected.
    """

    name: str
    server: Callable[[Path], ServerProcess]
    database: str
    kept: Kept
    password: str | None
    transport: Transport = Transport.WEBSOCKET


def our_server(folder: Path) -> ServerProcess:
    """Serve Verbatim on bench/study, where all come from one address."""
    server = verbatim(TREE, folder, HERE / "study")
    server.environment["VERBATIM_ATTEMPTS_PER_MINUTE"] = "10000"
    return server


def stock_server(folder: Path) -> ServerProcess:
    """Serve the stock app as its documentation does."""
    shutil.copytree(HERE / "stock_app", folder, dirs_exist_ok=True)
    environment = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(folder),
        "CHAINLIT_AUTH_SECRET": token_urlsafe(48),
    }
    return ServerProcess(
        COMMANDS["chainlit"],
        folder=folder,
        environment=environment,
        log=folder / "server.log",
        ready_path="/project/translations?language=en-US",
    )


VERBATIM: Final = App("Verbatim", our_server, "verbatim.db", OURS, None)
PEER: Final = App("stock Chainlit", stock_server, "stock.db", STOCK, STOCK_PASSWORD)


def measure(app: App, participants: int, messages: int, think_s: float) -> LoadFigures:
    """Run one app under one load.

    Args:
        app: Which one; it starts with an empty database.
        participants: How many at once.
        messages: How many each says.
        think_s: The pause before each message, and the time over which log-ins are spread.
    """
    with tempfile.TemporaryDirectory(prefix="bench-load-") as name:
        folder = Path(name)
        server = app.server(folder)
        with server, Watch(server.pid) as watch:
            report = drive(server.url, folder / "report.json", app, participants, messages, think_s)
            time.sleep(SETTLE_S)
        losses = compare(folder / app.database, app.kept, report["seen"])
        return figures_of(app.name, report, losses, watch)


def drive(url: str, out: Path, app: App, participants: int, messages: int, think_s: float) -> dict[str, Any]:
    """Let participants speak, from a process of their own.

    Args:
        url: Of the server.
        out: Where they write what they measured.
        app: Which one it is.
        participants: How many at once.
        messages: How many each says.
        think_s: The pause before each message.

    Returns:
        What they wrote.
    """
    command = [sys.executable, "-m", "bench.load_client", url, "--out", str(out)]
    command += ["--participants", str(participants), "--messages", str(messages), "--think", str(think_s)]
    command += ["--transport", app.transport.value]
    command += ["--password", app.password] if app.password else []
    subprocess.run(command, cwd=TREE, check=True)
    measured: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    return measured


def main() -> int:
    """Measure, print, and say whether the targets hold.

    Returns:
        0, or 1 when a run of ours misses a target.
    """
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--participants", type=int, nargs="+", default=[50, 200, 500])
    parser.add_argument("--messages", type=int, default=4)
    parser.add_argument("--think", type=float, default=15.0, help="seconds before each message")
    parser.add_argument("--peer", action="store_true", help="run the stock app as well, and print ratios")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    options = parser.parse_args()
    console = Console()
    rows: list[LoadFigures] = []
    for participants in options.participants:
        for app in (VERBATIM, PEER) if options.peer else (VERBATIM,):
            Console(stderr=True).print(f"{app.name}, {participants} participants ...")
            rows.append(measure(app, participants, options.messages, options.think))
    console.print(table_of(rows))
    if options.json:
        options.json.write_text(json.dumps([asdict(row) for row in rows], indent=2) + "\n", encoding="utf-8")
    misses = [miss for row in rows if row.app == VERBATIM.name for miss in target_misses(row)]
    for miss in misses:
        console.print(f"[red]missed[/red]: {miss}")
    return 1 if misses else 0


if __name__ == "__main__":
    sys.exit(main())
