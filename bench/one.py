"""One bench as a process of its own, so that its failure is named and ends nothing else."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bench.plan import PlannedBench

TREE: Final = Path(__file__).resolve().parent.parent
# A busy machine makes a bench longer; one that takes so many times as long as it should hangs.
PATIENCE: Final = 4
PATIENCE_FROM_S: Final = 300.0
END_WITHIN_S: Final = 15.0


@dataclass(frozen=True)
class BenchRun:
    """How a bench ended.

    Args:
        bench: Which.
        arguments: Its size.
        seconds: How long it took.
        load: The machine's load average when it began: what others were doing.
        figures: What it measured; None when it failed.
        error: Why it failed; None when it did not.
        missed: It measured all, and a figure misses a limit of its own.
    """

    bench: PlannedBench
    arguments: tuple[str, ...]
    seconds: float
    load: float
    figures: Any
    error: str | None
    missed: bool

    def as_json(self) -> dict[str, Any]:
        """How it was made, without the figures."""
        told = {"arguments": list(self.arguments), "seconds": round(self.seconds, 1), "load": self.load}
        return told | ({"error": self.error} if self.error is not None else {"missed": self.missed})


def run(bench: PlannedBench, quick: bool, shared: Path) -> BenchRun:
    """Run a bench; its tables go where ours go.

    Args:
        bench: Which.
        quick: Small.
        shared: A folder for what benches share, and for what they leave.
    """
    size = bench.size(quick)
    out = shared / f"{bench.key}.json"
    command = [sys.executable, "-m", bench.module, *size.command(shared), "--json", str(out)]
    load, began = round(os.getloadavg()[0], 2), time.monotonic()
    process = subprocess.Popen(
        command,
        cwd=TREE,
        env=os.environ | {"TMPDIR": str(shared)},
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        process_group=0,  # with its servers and browsers, so that they end together
    )
    patience = max(PATIENCE_FROM_S, size.minutes * 60 * PATIENCE)
    lines: list[str] = []
    reading = threading.Thread(target=_pass_on, args=(process, lines), daemon=True)
    reading.start()
    hung = False
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        hung = True
    finally:
        _end(process)
    reading.join(END_WITHIN_S)
    seconds = time.monotonic() - began
    figures = None if hung else _figures(bench, out)
    error = None
    if hung:
        error = f"it was ended after {patience / 60:.0f} minutes; it should take {size.minutes:g}"
    elif figures is None:
        error = _error_of(lines, process.returncode)
    missed = figures is not None and process.returncode != 0
    return BenchRun(bench, size.arguments, seconds, load, figures, error, missed)


def _pass_on(process: subprocess.Popen[str], lines: list[str]) -> None:
    assert process.stderr is not None
    with process.stderr as told:
        for line in told:
            sys.stderr.write(line)
            sys.stderr.flush()
            lines.append(line.rstrip("\n"))


def _end(process: subprocess.Popen[str]) -> None:
    """End what is left of it, also when we are interrupted."""
    for how in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, how)
        except ProcessLookupError:
            return
        try:
            process.wait(END_WITHIN_S)
        except subprocess.TimeoutExpired:
            continue
        return


def _figures(bench: PlannedBench, out: Path) -> Any:
    try:
        return bench.figures(json.loads(out.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return None


def _error_of(lines: Sequence[str], code: int) -> str:
    """The exception that ended it, without the way to it."""
    traces = [number for number, line in enumerate(lines) if line.startswith("Traceback")]
    if traces:
        told = [line for line in lines[traces[-1] + 1 :] if line and not line[0].isspace()]
    else:
        told = [line for line in lines if line.strip()][-1:]
    return told[0] if told else f"it ended with {code} and said nothing"
