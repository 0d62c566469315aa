"""What a cold start costs: from nothing to the first answer, everything installed and the database new.

`scripts/run` prepares settings, secret and the room's first account before it starts the app; the stock app
has nothing of that. The processor's time counts, so that a busy machine makes it longer on the clock alone.

`python -m bench.cold_start --imports` splits the app's by what it imports.
"""

import argparse
import json
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psutil
from rich.console import Console
from rich.table import Table

from bench.load import PEER, TREE, VERBATIM, App

TIMES: Final = 3
SHOWN: Final = 15
# What scripts/run runs before the app.
BEFORE: Final = (("-m", "scripts.before_start", "127.0.0.1", "0"), ("cli.py", "researcher", "first"))
_IMPORTED: Final = re.compile(r"import time:\s+(\d+) \|\s+\d+ \|\s+([\w]+)")


@dataclass(frozen=True)
class Start:
    """Seconds of the processor.

    Args:
        prepare: What scripts/run does first; the peer does nothing.
        app: From its first line to the first answer.
    """

    prepare: float
    app: float

    @property
    def whole(self) -> float:
        """All of it."""
        return self.prepare + self.app


def cold_start(app: App, times: int = TIMES) -> Start:
    """Start an app on an empty folder, several times.

    Args:
        app: Which.
        times: How often; the one in the middle counts.
    """
    started = [_started(app) for _ in range(times)]
    return Start(
        statistics.median(one.prepare for one in started), statistics.median(one.app for one in started)
    )


def _started(app: App) -> Start:
    with tempfile.TemporaryDirectory(prefix="bench-start-") as name:
        server = app.server(Path(name))
        prepare = 0.0
        if app is VERBATIM:
            prepare = sum(_cpu_of(words, server.environment) for words in BEFORE)
        with server:
            times = psutil.Process(server.pid).cpu_times()
            return Start(prepare, float(times.user + times.system))


def _cpu_of(words: Sequence[str], environment: Mapping[str, str]) -> float:
    before = _children_s()
    subprocess.run([sys.executable, *words], cwd=TREE, env=dict(environment), check=True, capture_output=True)
    return _children_s() - before


def _children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def imports() -> Counter[str]:
    """Milliseconds on the clock that each package's own lines took when the app was loaded, by its name."""
    with tempfile.TemporaryDirectory(prefix="bench-start-") as name:
        server = VERBATIM.server(Path(name))
        words = "import page.serve as serve; serve.load_settings(); serve._load('127.0.0.1', 0)"
        told = subprocess.run(
            [sys.executable, "-X", "importtime", "-c", words],
            cwd=TREE,
            env=dict(server.environment) | {"PATH": os.defpath},
            check=True,
            capture_output=True,
            text=True,
        ).stderr
    taken: Counter[str] = Counter()
    for own, package in _IMPORTED.findall(told):
        taken[package] += int(own)
    return Counter({package: round(own / 1000) for package, own in taken.items()})


def as_json(ours: Start, peer: Start) -> dict[str, Any]:
    """The figures for a program: `{"cold_start": {"whole": {"ours_s": ..., "peer_s": ...}, ...}}`."""
    return {
        "cold_start": {
            part: {"ours_s": getattr(ours, part), "peer_s": getattr(peer, part)}
            for part in ("prepare", "app", "whole")
        }
    }


def main() -> int:
    """Measure both in one run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--times", type=int, default=TIMES)
    parser.add_argument("--imports", action="store_true", help="split the app's by what it imports")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    options = parser.parse_args()
    table = Table(title="A cold start, seconds of the processor")
    for column in ("", "before the app", "the app", "all"):
        table.add_column(column, justify="left" if not column else "right")
    ours, peer = cold_start(VERBATIM, options.times), cold_start(PEER, options.times)
    for app, start in ((VERBATIM, ours), (PEER, peer)):
        table.add_row(app.name, f"{start.prepare:.2f}", f"{start.app:.2f}", f"{start.whole:.2f}")
    Console().print(table)
    if options.json:
        options.json.write_text(json.dumps(as_json(ours, peer), indent=2) + "\n", encoding="utf-8")
    if options.imports:
        for package, taken in imports().most_common(SHOWN):
            Console().print(f"{package:24} {taken} ms")
    return 0


if __name__ == "__main__":
    sys.exit(main())
