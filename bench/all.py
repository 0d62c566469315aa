"""All benches one after another, and one JSON of their figures that a later run is compared with.

At the usual sizes the whole takes 25 minutes on two cores that nobody else uses; `--quick` tries the way in
some seven, and its figures say little. Each bench prints its own table; what runs, how long it took and what
is left goes to standard error. A bench that fails is named with its error, and the others go on.

`scripts/bench all --json today.json`; later `scripts/bench all --json later.json --against today.json` prints
each figure beside the earlier one, and marks processor time that is more than a tenth longer.
`--only cost,data-layer` chooses. Exit 1: a bench failed or missed a limit; both are named.
"""

import argparse
import json
import os
import platform
import signal
import sys
import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console

from bench.figures import beside, table_beside
from bench.one import BenchRun, run
from bench.plan import BENCHES, MINUTES, PlannedBench
from version import app_version


def main(arguments: Sequence[str] | None = None, benches: Sequence[PlannedBench] = BENCHES) -> int:
    """Run them, write the figures, and compare.

    Args:
        arguments: Of the command line; the process's own when None.
        benches: What there is to run.

    Returns:
        0, or 1 when a bench failed or missed a limit.
    """
    options = _parser(benches).parse_args(arguments)
    chosen = options.only or list(benches)
    made: dict[str, Any] = {
        "version": app_version(),
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "runs": {},
    }
    figures: dict[str, Any] = {}
    runs = []
    with tempfile.TemporaryDirectory(prefix="verbatim-benches-") as name:
        for place, bench in enumerate(chosen):
            _tell_next(chosen, place, options.quick)
            ended = run(bench, options.quick, Path(name))
            runs.append(ended)
            made["runs"][bench.key] = ended.as_json()
            if ended.figures is not None:
                figures[bench.key] = ended.figures
            # After each: who ends this early has what was measured until then.
            if options.json:
                written = json.dumps(figures | {"made": made}, indent=2)
                options.json.write_text(written + "\n", encoding="utf-8")
    if options.against:
        compare(options.against, figures | {"made": made}, chosen)
    return _tell_end(runs)


def compare(earlier: Mapping[str, Any], now: Mapping[str, Any], benches: Sequence[PlannedBench]) -> list[str]:
    """Print each figure beside the earlier one.

    Args:
        earlier: What an earlier run wrote.
        now: What this one found.
        benches: Which are compared.

    Returns:
        The names of the figures that are worse.
    """
    console = Console()
    worse, compared = [], 0
    then = earlier["made"]
    console.print(
        f"Earlier: {then['version']}, {then['at']}, Python {then['python']}, "
        f"{then['cores']} cores, load {then['load']}"
    )
    for bench in benches:
        sizes = [made["runs"].get(bench.key, {}).get("arguments") for made in (then, now["made"])]
        if bench.key not in earlier or bench.key not in now:
            console.print(f"{bench.name}: not in both runs.")
        elif sizes[0] != sizes[1]:
            console.print(f"{bench.name}: run at other sizes ({' '.join(sizes[0] or ())}), so not compared.")
        else:
            found = beside(earlier[bench.key], now[bench.key], bench.cpu)
            console.print(table_beside(bench.name, found))
            compared += sum(one.is_cpu for one in found)
            worse += [f"{bench.key}.{one.name}, {one.ratio:.2f} x" for one in found if one.is_worse]
    for name in worse:
        console.print(f"[red]worse[/red]: {name}")
    console.print(
        f"{len(worse)} of {compared} figures of processor time are more than a tenth longer than they were."
    )
    return worse


def _tell_next(chosen: Sequence[PlannedBench], place: int, quick: bool) -> None:
    minutes = [bench.size(quick).minutes for bench in chosen]
    after = ", ".join(bench.name for bench in chosen[place + 1 :])
    then = f"; then {after}" if after else ""
    Console(stderr=True).print(
        f"[bold]{chosen[place].name}[/bold], {place + 1} of {len(chosen)}: some {minutes[place]:g} min{then}."
        f" All that is left: some {sum(minutes[place:]):.1f} min.",
        highlight=False,
        soft_wrap=True,
    )


def _tell_end(runs: Sequence[BenchRun]) -> int:
    console = Console()
    for one in runs:
        took = f"{one.bench.name}: {one.seconds:.0f} s"
        if one.error is not None:
            console.print(f"[red]failed[/red]: {took}: ", end="")
            console.print(one.error, markup=False, highlight=False, soft_wrap=True)
        elif one.missed:
            console.print(f"[red]missed a limit[/red]: {took}; its table is above")
        else:
            console.print(took)
    return int(any(one.error is not None or one.missed for one in runs))


def _parser(benches: Sequence[PlannedBench]) -> argparse.ArgumentParser:
    by_name = {bench.name: bench for bench in benches}

    def chosen(words: str) -> list[PlannedBench]:
        unknown = [word for word in words.split(",") if word not in by_name]
        if unknown:
            raise argparse.ArgumentTypeError(
                f"there is no bench {', '.join(unknown)}; there are {', '.join(by_name)}"
            )
        return [by_name[word] for word in dict.fromkeys(words.split(","))]

    def earlier(path: str) -> dict[str, Any]:
        try:
            document = json.loads(Path(path).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise argparse.ArgumentTypeError(f"{path} cannot be read: {error}") from error
        if not isinstance(document, dict) or "made" not in document:
            raise argparse.ArgumentTypeError(
                f"{path} was not written by `scripts/bench all --json`: it lacks `made`"
            )
        return document

    parser = argparse.ArgumentParser(
        prog="scripts/bench all", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--only", type=chosen, help="these, by commas: --only cost,data-layer")
    parser.add_argument(
        "--quick", action="store_true", help=f"small sizes, instead of those of {MINUTES} minutes"
    )
    parser.add_argument("--json", type=Path, help="write the figures to this file, anew after each bench")
    parser.add_argument("--against", type=earlier, help="compare with what an earlier run wrote")
    return parser


if __name__ == "__main__":
    # So that the bench that runs, its servers and its browsers end with us.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    sys.exit(main())
