"""How many have to come until every condition has its usable participants, by seeds that are fixed."""

import statistics
from random import Random

import pytest

from bench.assignment import EQUAL, TARGET, UNEQUAL, Ledger, Recruitment, Starters, plan_of, recruit
from study.assignment import AssignmentMethod

RUNS = range(12)


def recruited(method: AssignmentMethod, leaves: dict[str, float], run: int) -> Recruitment:
    """One run of ours; its ledger replays."""
    ledger = Ledger(plan_of(method, list(leaves)), f"run {run}")
    ended = recruit(ledger, leaves, Random(run))
    assert ledger.replays()
    return ended


@pytest.mark.parametrize("leaves", [UNEQUAL, EQUAL], ids=["unequal", "equal"])
@pytest.mark.parametrize("method", [AssignmentMethod.BLOCKS, AssignmentMethod.URN])
def test_nobody_is_assigned_in_vain(method: AssignmentMethod, leaves: dict[str, float]) -> None:
    """400 usable and those who went, not one more, and a hundred in each: fewer cannot be."""
    ended = recruited(method, leaves, 1)
    assert ended.usable == dict.fromkeys(leaves, TARGET)
    assert ended.assigned == TARGET * len(leaves) + ended.left
    assert (ended.apart, ended.beyond) == (0, 0)


def test_520_are_enough_where_conditions_lose_unequally() -> None:
    """Where 10, 20, 20 and 35 % go silent; who counts starters needs a third more, and ends far apart."""
    ours = [recruited(AssignmentMethod.BLOCKS, UNEQUAL, run) for run in RUNS]
    starters = [recruit(Starters(list(UNEQUAL)), UNEQUAL, Random(run)) for run in RUNS]
    assert statistics.mean(one.assigned for one in ours) <= 520
    assert statistics.mean(one.assigned for one in starters) > 640
    assert statistics.mean(one.apart for one in starters) > 30


def test_a_quarter_who_leave_cost_a_third_and_no_more() -> None:
    """Where 25 % go silent everywhere 400 of 533 stay, whatever the rule; ours needs no more than that."""
    ours = [recruited(AssignmentMethod.BLOCKS, EQUAL, run).assigned for run in RUNS]
    assert statistics.mean(ours) == pytest.approx(TARGET * 4 / 0.75, rel=0.02)


def test_simple_ends_unequal_and_says_so() -> None:
    """Independent draws are not repaired: every condition has its hundred, and some have more."""
    ended = recruited(AssignmentMethod.SIMPLE, UNEQUAL, 2)
    assert min(ended.usable.values()) == TARGET
    assert ended.beyond > 0
