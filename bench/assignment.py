"""How many have to come until every condition has its target: `scripts/bench assignment`.

People come at random, four a minute. Some go without a word, in one condition more than in another; their
place stays held for an hour. Rules beside ours: the next condition in turn for everybody who starts, which is
what platforms do that count starters, and independent draws.
"""

import argparse
import json
import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from heapq import heappop, heappush
from itertools import count
from pathlib import Path
from random import Random
from time import process_time
from typing import Final, Protocol

from rich.console import Console
from rich.table import Table

from study.assignment import (
    Assignment,
    AssignmentMethod,
    AssignmentPlan,
    LedgerEvent,
    LedgerRow,
    LedgerState,
    OpenedBecause,
    PlannedCondition,
    next_assignment,
    replay,
)

# How many of those who are assigned go without a word, by condition: unequal, and equal.
UNEQUAL: Final = {"a": 0.10, "b": 0.20, "c": 0.20, "d": 0.35}
EQUAL: Final = dict.fromkeys("abcd", 0.25)
TARGET: Final = 100
A_MINUTE: Final = 4.0
INSIDE: Final = (10.0, 20.0)  # minutes, of those who end
HELD: Final = 60.0  # minutes, of those who go silent


class Rule(Protocol):
    """Who gets which condition."""

    def take(self) -> tuple[str, str] | None:
        """Give a place and its condition to somebody who comes; None when there is none."""

    def end(self, place: str, usable: bool) -> None:
        """Hear that somebody is usable, or has been silent for too long."""


class Ledger:
    """Ours: places, each held, filled or open again."""

    def __init__(self, plan: AssignmentPlan, seed: str) -> None:
        self._plan, self._seed = plan, seed
        self._state = LedgerState()
        self._held: dict[str, LedgerRow] = {}
        self.rows: list[LedgerRow] = []

    def take(self) -> tuple[str, str] | None:
        """Give the first open place."""
        got = next_assignment(self._plan, self._seed, self._state.standing("all"), "all")
        if not isinstance(got, Assignment):
            return None
        self._held[got.place.id] = got.row(f"p{got.seq}")
        self._write(self._held[got.place.id])
        return got.place.id, got.place.condition

    def end(self, place: str, usable: bool) -> None:
        """Fill it, or open it again."""
        held = self._held.pop(place)
        event, why = (LedgerEvent.FILLED, "") if usable else (LedgerEvent.OPENED, OpenedBecause.SILENT.value)
        self._write(LedgerRow(self._state.seq + 1, event.value, place, held.condition, held.participant, why))

    def replays(self) -> bool:
        """Whether it could be made again."""
        return replay(self._plan, self._seed, self.rows) == []

    def _write(self, row: LedgerRow) -> None:
        self._state.apply(row)
        self.rows.append(row)


class Starters:
    """The next condition in turn, or any, for everybody who starts; who left counts as who stayed."""

    def __init__(self, names: Sequence[str], chance: Random | None = None) -> None:
        self._names, self._chance = list(names), chance
        self._came = count()

    def take(self) -> tuple[str, str] | None:
        """Give the next one."""
        number = next(self._came)
        name = self._chance.choice(self._names) if self._chance else self._names[number % len(self._names)]
        return str(number), name

    def end(self, place: str, usable: bool) -> None:
        """Hear it, and do nothing."""


@dataclass(frozen=True)
class Recruitment:
    """How recruiting went until every condition had its target.

    Args:
        assigned: How many were assigned.
        left: How many of them went.
        refused: How many came while every place that was left was held.
        usable: How many usable people each condition has.
    """

    assigned: int
    left: int
    refused: int
    usable: Mapping[str, int]

    @property
    def apart(self) -> int:
        """Between the largest and the smallest condition."""
        return max(self.usable.values()) - min(self.usable.values())

    @property
    def beyond(self) -> int:
        """Usable people whom nobody asked for."""
        return sum(self.usable.values()) - TARGET * len(self.usable)


def recruit(rule: Rule, leaves: Mapping[str, float], chance: Random) -> Recruitment:
    """Let people come until every condition has its target.

    Args:
        rule: How they are assigned.
        leaves: How likely somebody goes, by condition.
        chance: When they come, how long they stay, and who goes.
    """
    usable: Counter[str] = Counter(dict.fromkeys(leaves, 0))
    assigned = left = refused = 0
    order = count()
    ends: list[tuple[float, int, str, str, bool]] = []
    comes = 0.0
    while min(usable.values()) < TARGET:
        if ends and ends[0][0] <= comes:
            _, _, place, condition, stayed = heappop(ends)
            rule.end(place, stayed)
            usable[condition] += stayed
            left += not stayed
            continue
        if (got := rule.take()) is None:
            refused += 1
        else:
            assigned += 1
            stays = chance.random() >= leaves[got[1]]
            until = comes + (chance.uniform(*INSIDE) if stays else HELD)
            heappush(ends, (until, next(order), *got, stays))
        comes += chance.expovariate(A_MINUTE)
    return Recruitment(assigned, left, refused, usable)


def plan_of(method: AssignmentMethod, names: Sequence[str]) -> AssignmentPlan:
    """Give a plan with the target of all here."""
    lengths = (len(names), 2 * len(names)) if method is AssignmentMethod.BLOCKS else ()
    conditions = tuple(map(PlannedCondition, names))
    return AssignmentPlan(method, conditions, lengths, target=TARGET)


def rules(leaves: Mapping[str, float], run: int) -> dict[str, Rule]:
    """Give each rule anew.

    Args:
        leaves: By condition; their names are all that is taken.
        run: Which run it is.
    """
    names = list(leaves)
    return {
        "places, blocks of 4 and 8": Ledger(plan_of(AssignmentMethod.BLOCKS, names), f"run {run}"),
        "places, simple": Ledger(plan_of(AssignmentMethod.SIMPLE, names), f"run {run}"),
        "urn": Ledger(plan_of(AssignmentMethod.URN, names), f"run {run}"),
        "round robin over starters": Starters(names),
        "simple over starters": Starters(names, Random(run)),
    }


@dataclass(frozen=True)
class RuleFigures:
    """One line of the table: means of all runs."""

    what: str
    assigned: float
    most_assigned: int
    apart: float
    beyond: float


def measure(leaves: Mapping[str, float], runs: int) -> list[RuleFigures]:
    """Recruit so often by each rule."""
    found: dict[str, list[Recruitment]] = {}
    for run in range(runs):
        for name, rule in rules(leaves, run).items():
            found.setdefault(name, []).append(recruit(rule, leaves, Random(run)))
    return [
        RuleFigures(
            name,
            round(statistics.mean(one.assigned for one in all_), 1),
            max(one.assigned for one in all_),
            round(statistics.mean(one.apart for one in all_), 1),
            round(statistics.mean(one.beyond for one in all_), 1),
        )
        for name, all_ in found.items()
    ]


def speed(method: AssignmentMethod, people: int) -> float:
    """Give milliseconds of processor time of one assignment, with its row, in one process.

    Args:
        method: How they are assigned.
        people: How many come, none of whom leaves.
    """
    factors = {"age": Fraction(1), "sex": Fraction(1)} if method is AssignmentMethod.MINIMISE else {}
    levels = dict.fromkeys(factors, "one")
    plan = AssignmentPlan(
        method, plan_of(method, "abcd").conditions, plan_of(method, "abcd").lengths, factors=factors
    )
    state = LedgerState()
    began = process_time()
    for number in range(people):
        got = next_assignment(plan, "seed", state.standing("all", levels), "all", levels)
        assert isinstance(got, Assignment)
        state.apply(got.row(f"p{number}"))
    return (process_time() - began) / people * 1000


def main() -> None:
    """Recruit, and print."""
    parser = argparse.ArgumentParser(prog="scripts/bench assignment", description=__doc__)
    parser.add_argument("--runs", type=int, default=200, help="How often each rule recruits.")
    parser.add_argument("--people", type=int, default=20_000, help="How many come when the time is taken.")
    parser.add_argument("--json", type=Path, help="Write the figures there.")
    arguments = parser.parse_args()
    figures: list[dict[str, object]] = []
    for title, leaves in (("10, 20, 20 and 35 %", UNEQUAL), ("25 % everywhere", EQUAL)):
        table = Table(
            "assigned until all have 100", "mean", "most", "apart", "beyond", title=f"{title} go silent"
        )
        for row in measure(leaves, arguments.runs):
            table.add_row(
                row.what, f"{row.assigned:.0f}", str(row.most_assigned), str(row.apart), str(row.beyond)
            )
            figures.append({**asdict(row), "what": f"{row.what}, {title}"})
        Console().print(table)
    for method in AssignmentMethod:
        took = speed(method, arguments.people)
        print(f"{method:9} {took:.3f} ms of processor time for one assignment")
        figures.append({"what": method.value, "assignment_ms": round(took, 4)})
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
