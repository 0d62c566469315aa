"""Replaying a ledger: whether each row is what the plan and the seed give after the rows before it."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from importlib.resources import files

from study.assignment.assigning import Assignment, NoPlace, next_assignment
from study.assignment.ledger import LedgerEvent, LedgerRow
from study.assignment.places import AssignmentPlace, block_of
from study.assignment.plan import AssignmentPlan
from study.assignment.state import LedgerState


def replay(plan: AssignmentPlan, seed: str, rows: Iterable[LedgerRow]) -> list[str]:
    """Make every assignment of a ledger again and compare.

    After a row that differs it goes on from what should have been, so that one change is one difference where
    that can be. Who somebody is cannot be replayed: that a person's rows belong together is all that is seen.

    Args:
        plan: The study's, without complaints.
        seed: The study's.
        rows: All of the ledger, as they are kept.

    Returns:
        What differs, in sentences; nothing where all is as it should be.
    """
    state = LedgerState()
    found: list[str] = []
    for row in rows:
        number = state.seq + 1
        if row.seq != number:
            found.append(f"Row {number} is missing, or numbered {row.seq}.")
        should = replace(row, seq=number)
        if row.event == LedgerEvent.ASSIGNED:
            should, differences = _assigned_again(plan, seed, state, should)
            found += (f"Row {number}: {difference}." for difference in differences)
        if refused := state.refusal(should):
            found.append(f"Row {number}: {refused}.")
            # It counts as a row all the same, or every later one would have the wrong number.
            state.seq = number
        else:
            state.apply(should)
    return found


def differing_places(plan: AssignmentPlan, seed: str, places: Iterable[AssignmentPlace]) -> list[str]:
    """Make places again and compare.

    Args:
        plan: The study's, of simple or blocks.
        seed: The study's.
        places: As they are kept, in any order.

    Returns:
        What differs, in sentences.
    """
    found = []
    blocks: dict[tuple[str, int], tuple[AssignmentPlace, ...]] = {}
    for place in places:
        if place.stratum not in plan.strata or place.block < 1:
            found.append(f"Place {place.id} is on no list of the plan.")
            continue
        key = place.stratum, place.block
        if key not in blocks:
            blocks[key] = block_of(plan, seed, *key)
        if not 1 <= place.seq <= len(blocks[key]):
            found.append(f"Place {place.id} is behind the end of its block, which has {len(blocks[key])}.")
        elif (drawn := blocks[key][place.seq - 1].condition) != place.condition:
            found.append(f"Place {place.id} is one of {place.condition}; the seed gives {drawn}.")
    return found


def replay_script() -> bytes:
    """Give replay.R, which does the same in R for simple and blocks, from an export's files."""
    return (files(__package__) / "replay.R").read_bytes()


def _assigned_again(
    plan: AssignmentPlan, seed: str, state: LedgerState, row: LedgerRow
) -> tuple[LedgerRow, list[str]]:
    stratum, levels = row.inputs.get("stratum"), row.inputs.get("levels")
    if not isinstance(stratum, str) or not (levels is None or _are_levels(levels)):
        return row, ["its inputs do not say who came"]
    try:
        again = next_assignment(plan, seed, state.standing(stratum, levels), stratum, levels)
    except ValueError as error:
        return row, [str(error)]
    if isinstance(again, NoPlace):
        return row, ["there was no place to assign"]
    return again.row(row.participant), list(_differences(row, again))


def _are_levels(levels: object) -> bool:
    return isinstance(levels, dict) and all(isinstance(one, str) for pair in levels.items() for one in pair)


def _differences(row: LedgerRow, again: Assignment) -> Iterator[str]:
    should = again.row(row.participant)
    for name, is_, ought in (
        ("place", row.place_id, should.place_id),
        ("condition", row.condition, should.condition),
        ("draw", row.draw, should.draw),
        ("inputs", dict(row.inputs), dict(should.inputs)),
        ("reason", row.reason, ""),
    ):
        if is_ != ought:
            yield f"its {name} is {is_!r}; the seed and the rows before it give {ought!r}"
