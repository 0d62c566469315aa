"""What an agent's stages add before its first word: `scripts/bench first-word`.

One participant speaks with two agents of one server in turn: one that says a text, and one that recognises,
fills in and answers in steps that are kept. How long each took to its first word stands in the record.
"""

import argparse
import asyncio
import json
import shutil
import sqlite3
import tempfile
from pathlib import Path
from statistics import median
from typing import Any, Final
from uuid import uuid4

from bench.process import ServerProcess, verbatim
from simulation.browser import Door
from simulation.participant import Manner, ParticipantScript
from simulation.run import take_part

TREE: Final = Path(__file__).resolve().parent.parent
COFFEE: Final = TREE / "studies" / "coffee"
LIMIT_MS: Final = 10.0
_STUDY: Final = """\
id: first-word
title: First word
contact: nobody@example.org
welcome: Hello
login: {mode: claim}
agents:
  - {name: Plain, kind: scripted, reply: "Hello. What can I get you?"}
  - name: In stages
    kind: task
    steps: none
    default: true
    dialogue: dialogue.yaml
    tools:
      module: tools.py
      files: [menu.yaml]
      use:
        [get_menu_items, get_addons, add_order_item, update_order_item, update_order, get_order_details,
         finish_order, show_menu]
"""
PLAIN: Final = "Plain"
IN_STAGES: Final = "In stages"
_FIRST_WORDS: Final = "SELECT ttft_ms FROM runs WHERE agent = ? AND ttft_ms IS NOT NULL ORDER BY seq"


def study_in(folder: Path) -> Path:
    """A study with both agents."""
    folder.mkdir()
    for name in ("dialogue.yaml", "menu.yaml", "tools.py"):
        shutil.copy(COFFEE / name, folder / name)
    (folder / "study.yaml").write_text(_STUDY, encoding="utf-8")
    return folder


async def speak(server: ServerProcess, agent: str, threads: int) -> None:
    """Say hello in so many threads, one after another."""
    scripts = [ParticipantScript(str(uuid4()), [(str(uuid4()), "Hello", True)]) for _ in range(threads)]
    report = await take_part(Door(server.url), {f"p {agent}": scripts}, Manner(profile=agent))
    report.raise_for_errors()


def measure(threads: int) -> dict[str, Any]:
    """Milliseconds from a run's begin to the first thing shown, at the median, of both."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        with verbatim(TREE, folder / "data", study_in(folder / "study")) as server:
            for agent in (PLAIN, IN_STAGES):
                asyncio.run(speak(server, agent, threads))
        with sqlite3.connect(next((folder / "data").rglob("verbatim.db"))) as database:
            plain, staged = (
                median(value for (value,) in database.execute(_FIRST_WORDS, (agent,)))
                for agent in (PLAIN, IN_STAGES)
            )
    return {"plain_ms": plain, "in_stages_ms": staged, "added_ms": staged - plain, "ratio": staged / plain}


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(prog="scripts/bench first-word", description=__doc__)
    parser.add_argument("--threads", type=int, default=60, help="With each of the two.")
    parser.add_argument("--json", type=Path, help="Write the figures there.")
    arguments = parser.parse_args()
    figures = measure(arguments.threads)
    print(f"an agent without stages      {figures['plain_ms']:6.1f} ms to its first word (median)")
    print(f"an agent in stages           {figures['in_stages_ms']:6.1f} ms, {figures['ratio']:.2f} x")
    print(f"added                        {figures['added_ms']:6.1f} ms, limit {LIMIT_MS:.0f} ms")
    if arguments.json:
        arguments.json.write_text(json.dumps({"first_word": figures}, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
