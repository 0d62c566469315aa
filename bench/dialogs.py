"""How far an agent without a model comes with real orders: `scripts/bench dialogs`.

Plays the participants' side of recorded dialogs against the task agent of studies/coffee and compares the
orders that it finishes with what the recorded shop says was ordered.
"""

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from time import process_time
from typing import Any, Final

from agent.registry import build_agents
from bench.dialogs_expected import Recorded, expected_order
from bench.dialogs_play import (
    NOTHING_ORDERED,
    NOTHING_TO_COMPARE,
    PlayedDialog,
    cause_of,
    play_all,
    read_dialogs,
)
from study.loader import load_study

TREE: Final = Path(__file__).resolve().parent.parent
DIALOGS: Final = TREE / "tests" / "data" / "first_orders.jsonl"
STUDY: Final = TREE / "studies" / "coffee"
# The dialogue file was written after reading so many.
LEARNED_FROM: Final = 150


def figures_of(dialogs: Sequence[Recorded], played: Sequence[PlayedDialog]) -> dict[str, Any]:
    """Count how dialogs ended."""
    causes = Counter(cause_of(one, how.made) for one, how in zip(dialogs, played, strict=True))
    equal = causes.pop("", 0)
    return {
        "dialogs": len(dialogs),
        "finished": sum(1 for one in played if one.made is not None),
        "equal": equal,
        "recorded_as_finished": sum(1 for one in dialogs if expected_order(one).finished),
        "otherwise": dict(causes.most_common()),
    }


def _say(title: str, figures: dict[str, Any]) -> None:
    dialogs, recorded = figures["dialogs"], figures["recorded_as_finished"]
    print(f"{title}: {dialogs} dialogs, of which {recorded} end with an order in the record")
    print(f"  reach finish_order       {figures['finished']:4}  {figures['finished'] / dialogs:.0%} of all")
    print(
        f"  and equal the record     {figures['equal']:4}  {figures['equal'] / dialogs:.0%} of all, ", end=""
    )
    print(f"{figures['equal'] / max(recorded, 1):.0%} of those with an order")
    for cause, number in figures["otherwise"].items():
        differs = "" if cause in (NOTHING_ORDERED, NOTHING_TO_COMPARE, "not finished") else "differs in "
        print(f"    {differs}{cause:20} {number:4}")


def main() -> None:
    """Play, and print."""
    parser = argparse.ArgumentParser(prog="scripts/bench dialogs", description=__doc__)
    parser.add_argument("--file", type=Path, default=DIALOGS, help="Another file of dialogs.")
    parser.add_argument("--study", type=Path, default=STUDY, help="Another study with these tools.")
    parser.add_argument("--show", action="store_true", help="Print the dialogs that end otherwise.")
    parser.add_argument("--json", type=Path, help="Write the figures there.")
    arguments = parser.parse_args()
    agent = build_agents(load_study(arguments.study)).default
    dialogs = read_dialogs(arguments.file)
    began = process_time()
    played = play_all(dialogs, agent)
    spent = process_time() - began
    turns = sum(len(one.said) // 2 for one in played)
    parts = {
        f"the first {LEARNED_FROM}, learned from": slice(0, LEARNED_FROM),
        "the others": slice(LEARNED_FROM, None),
        "all": slice(None),
    }
    figures = {name: figures_of(dialogs[part], played[part]) for name, part in parts.items() if dialogs[part]}
    if arguments.show:
        _show(dialogs, played)
    for name, one in figures.items():
        _say(name, one)
    print(f"{turns} turns, {spent / turns * 1000:.1f} ms of processor time each")
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2), encoding="utf-8")


def _show(dialogs: Sequence[Recorded], played: Sequence[PlayedDialog]) -> None:
    for number, (dialog, how) in enumerate(zip(dialogs, played, strict=True)):
        cause = cause_of(dialog, how.made)
        if cause and cause != NOTHING_ORDERED:
            print(f"#{number} {cause}")
            print(
                "\n".join(f"  {'U' if not place % 2 else 'A'} {text}" for place, text in enumerate(how.said))
            )
            print(f"  wanted {expected_order(dialog).items}\n  made   {how.made.items if how.made else None}")


if __name__ == "__main__":
    main()
