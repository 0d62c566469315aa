"""How fast conversations from elsewhere go in: `python -m bench.imports`.

A file of JSONL is made and imported into a new SQLite database by the command itself, with all that comes of
it: journal, revisions, counts, previews, the search index.
"""

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

TREE: Final = Path(__file__).resolve().parents[1]
# The issue's: 100,000 messages in less than two minutes.
LIMIT_S: Final = 120.0
_EACH: Final = 10
_WORDS: Final = [
    "the",
    "river",
    "runs",
    "past",
    "an",
    "old",
    "mill",
    "where",
    "nobody",
    "has",
    "ground",
    "any",
    "corn",
    "for",
    "a",
    "hundred",
    "years",
]


@dataclass(frozen=True)
class ImportFigures:
    """What was measured.

    Args:
        messages: That were imported, with the system's.
        seconds: From the command's start to its end.
        cpu_s: Its processor time.
        mebibytes: Its memory at most.
    """

    messages: int
    seconds: float
    cpu_s: float
    mebibytes: float

    @property
    def a_second(self) -> float:
        """Messages a second."""
        return self.messages / self.seconds


def main() -> None:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = measured(Path(folder), asked.messages)
    print(
        f"{figures.messages:,} messages in {figures.seconds:.1f} s ({figures.a_second:,.0f} a second), "
        f"{figures.cpu_s:.1f} s of the processor, {figures.mebibytes:.0f} MiB at most; "
        f"the limit is {LIMIT_S:.0f} s for 100,000"
    )
    if asked.json:
        asked.json.write_text(json.dumps(asdict(figures)))


def measured(folder: Path, messages: int) -> ImportFigures:
    """Make a file, and import it.

    Args:
        folder: An empty one.
        messages: How many.
    """
    file = folder / "said.jsonl"
    chance = random.Random(1966)
    with file.open("w") as lines:
        for number in range(messages // _EACH):
            said = [
                {"role": ("user", "assistant")[turn % 2], "content": " ".join(chance.choices(_WORDS, k=30))}
                for turn in range(_EACH)
            ]
            lines.write(json.dumps({"id": str(number), "user": str(number // 5), "messages": said}) + "\n")
    own = {name: value for name, value in os.environ.items() if not name.startswith("VERBATIM_")}
    began = time.perf_counter()
    subprocess.run(
        [sys.executable, "cli.py", "import", "openai", str(file)],
        cwd=TREE,
        env=own | {"VERBATIM_DATA_DIR": str(folder / "data")},
        check=True,
        capture_output=True,
    )
    seconds = time.perf_counter() - began
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return ImportFigures(
        messages // _EACH * _EACH, seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024
    )


if __name__ == "__main__":
    main()
