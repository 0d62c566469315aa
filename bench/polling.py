"""What one process bears of participants whose networks block WebSockets: the load bench's, by long polling.

The same load by WebSockets stands beside it. Each participant logs in, makes the page's reads, connects,
and says 4 messages, thinking for 15 s before each; the agent answers with 40 tokens, 20 ms before each.

`python -m bench.polling --participants 100 --json polling.json`
"""

import argparse
import json
import sys
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Final

from rich.console import Console

from bench.load import VERBATIM, measure
from bench.load_report import table_of, target_misses
from study.vocabulary import Transport

POLLING: Final = replace(VERBATIM, name="by long polling", transport=Transport.POLLING)
# What 100 participants at once may wait, in seconds.
TARGETS: Final[Mapping[str, float]] = {"reply": 1.5, "log_in": 1.0}


def main() -> int:
    """Measure, print, and say whether the targets hold.

    Returns:
        0, or 1 when long polling misses a target.
    """
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--participants", type=int, default=100)
    parser.add_argument("--messages", type=int, default=4)
    parser.add_argument("--think", type=float, default=15.0, help="seconds before each message")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    options = parser.parse_args()
    console = Console()
    rows = []
    for app in (VERBATIM, POLLING):
        Console(stderr=True).print(f"{app.name}, {options.participants} participants ...")
        rows.append(measure(app, options.participants, options.messages, options.think))
    console.print(table_of(rows))
    if options.json:
        options.json.write_text(json.dumps([asdict(row) for row in rows], indent=2) + "\n", encoding="utf-8")
    misses = target_misses(rows[-1], TARGETS)
    for miss in misses:
        console.print(f"[red]missed[/red]: {miss}")
    return 1 if misses else 0


if __name__ == "__main__":
    sys.exit(main())
