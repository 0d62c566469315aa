"""Plans, and ledgers that were played with them, for the tests of this folder."""

import csv
import json
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Final

from study.assignment import (
    Assignment,
    AssignmentMethod,
    AssignmentPlan,
    LedgerEvent,
    LedgerRow,
    LedgerState,
    OpenedBecause,
    OrderKind,
    PlannedCondition,
    crossed,
    next_assignment,
    orders_of,
    plan_rows,
    with_orders,
)
from study.assignment.ledger import MAY_RESUME

SEED: Final = "5eed" * 16
TWO_BY_TWO: Final = crossed({"appeal": ["facts", "stories"], "size": ["small", "large"]})
ORDERS: Final = with_orders((), "partner", orders_of(["warm", "neutral", "curt"], OrderKind.WILLIAMS))
LEVELS: Final = {"age": ("young", "old"), "sex": ("f", "m", "x")}
PLANS: Final = {
    "simple": AssignmentPlan(AssignmentMethod.SIMPLE, TWO_BY_TWO, target=20),
    "blocks": AssignmentPlan(AssignmentMethod.BLOCKS, TWO_BY_TWO, lengths=(4, 8), target=20),
    "endless": AssignmentPlan(AssignmentMethod.BLOCKS, TWO_BY_TWO, lengths=(4, 8)),
    "strata": AssignmentPlan(
        AssignmentMethod.BLOCKS, TWO_BY_TWO, lengths=(4, 8), strata=("für: ja", "gegen"), target=20
    ),
    "ratio": AssignmentPlan(
        AssignmentMethod.BLOCKS,
        (PlannedCondition("facts", 4), PlannedCondition("stories", 2)),
        lengths=(3, 6),
        target=15,
    ),
    "orders": AssignmentPlan(AssignmentMethod.BLOCKS, ORDERS, lengths=(6, 12), target=12),
    "minimise": AssignmentPlan(
        AssignmentMethod.MINIMISE,
        TWO_BY_TWO,
        factors={"age": Fraction(1), "sex": Fraction(2)},
        target=20,
    ),
    "urn": AssignmentPlan(AssignmentMethod.URN, TWO_BY_TWO, strata=("left", "right"), urn=(0, 1), target=20),
}


def play(plan: AssignmentPlan, seed: str, chance: Random, steps: int) -> list[LedgerRow]:
    """Let people come, end, leave and come back, each as chance has it.

    Args:
        plan: How they are assigned.
        seed: The study's.
        chance: What happens next.
        steps: How often something does.
    """
    state, rows, inside, gone = LedgerState(), list[LedgerRow](), list[LedgerRow](), list[LedgerRow]()
    ended: list[LedgerRow] = []

    def write(row: LedgerRow) -> None:
        state.apply(row)
        rows.append(row)

    for number in range(steps):
        what = chance.random()
        if what < 0.5 or not inside:
            stratum = chance.choice(plan.strata)
            levels = {name: chance.choice(LEVELS[name]) for name in plan.factors}
            got = next_assignment(plan, seed, state.standing(stratum, levels), stratum, levels)
            if isinstance(got, Assignment):
                write(got.row(f"p{number}"))
                inside.append(rows[-1])
        elif what < 0.66 and (back := [one for one in gone if may_resume(state, one)]):
            one = chance.choice(back)
            gone.remove(one)
            write(later(one, state.seq + 1, LedgerEvent.RESUMED))
            inside.append(one)
        elif what < 0.74:
            ended.append(inside.pop(chance.randrange(len(inside))))
            write(later(ended[-1], state.seq + 1, LedgerEvent.FILLED))
        elif what < 0.8 and ended:
            one = ended.pop(chance.randrange(len(ended)))
            write(later(one, state.seq + 1, LedgerEvent.OPENED, OpenedBecause.WITHDREW))
        else:
            one = inside.pop(chance.randrange(len(inside)))
            why = chance.choice(tuple(OpenedBecause))
            write(later(one, state.seq + 1, LedgerEvent.OPENED, why))
            if why in MAY_RESUME:
                gone.append(one)
    return rows


def later(row: LedgerRow, seq: int, event: LedgerEvent, why: str = "") -> LedgerRow:
    """Give a row on the place of somebody who was assigned."""
    return LedgerRow(seq, event, row.place_id, row.condition, row.participant, str(why))


def may_resume(state: LedgerState, row: LedgerRow) -> bool:
    """Whether somebody's place is still open for them."""
    return not state.refusal(later(row, state.seq + 1, LedgerEvent.RESUMED))


def come(plan: AssignmentPlan, seed: str, people: int, stratum: str = "all") -> list[LedgerRow]:
    """Let people come, who all stay."""
    state = LedgerState()
    rows = []
    for number in range(people):
        got = next_assignment(plan, seed, state.standing(stratum), stratum)
        assert isinstance(got, Assignment)
        rows.append(got.row(f"p{number}"))
        state.apply(rows[-1])
    return rows


def write_tables(folder: Path, plan: AssignmentPlan, rows: Sequence[LedgerRow]) -> None:
    """Write what replay.R reads, as an export has it."""
    folder.mkdir(exist_ok=True)
    places = {row.place_id: row.condition for row in rows if row.event == LedgerEvent.ASSIGNED}
    tables: dict[str, list[tuple[object, ...]]] = {
        "assignment-plan.csv": [
            ("what", "value", "weight"),
            *((what, value, weight or "") for what, value, weight in plan_rows(plan)),
        ],
        "places.csv": [
            ("place_id", "stratum", "block", "seq", "condition"),
            *((place, *place.rsplit(":", 2), condition) for place, condition in places.items()),
        ],
        "assignments.csv": [
            ("seq", "participant_id", "place_id", "event", "reason", "condition", "inputs", "draw"),
            *(
                (
                    row.seq,
                    row.participant or "",
                    row.place_id,
                    row.event,
                    row.reason,
                    row.condition,
                    json.dumps(dict(row.inputs)) if row.inputs else "",
                    row.draw,
                )
                for row in rows
            ),
        ],
    }
    for name, lines in tables.items():
        with (folder / name).open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file, lineterminator="\r\n").writerows(lines)
