"""Who comes next: places that are taken, left and taken again, until the target is filled."""

from collections import Counter
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from study.assignment import (
    Assignment,
    AssignmentMethod,
    AssignmentPlace,
    AssignmentPlan,
    LedgerEvent,
    LedgerStanding,
    LedgerState,
    NoPlace,
    OpenedBecause,
    OpenPlace,
    crossed,
    next_assignment,
)
from study.assignment.places import block_of
from tests.study.assignment.ledgers import LEVELS, PLANS, SEED, come, later, play

BLOCKS = PLANS["blocks"]


def places_of(standing: LedgerStanding, plan: AssignmentPlan = BLOCKS) -> str:
    """Which place comes next."""
    got = next_assignment(plan, SEED, standing, "all")
    assert isinstance(got, Assignment)
    return got.place.id


def test_the_first_gets_the_first_place() -> None:
    """As the seed drew it, as row 1, with what it was made from and without a draw of its own."""
    got = next_assignment(BLOCKS, SEED, LedgerStanding(), "all")
    assert got == Assignment(1, block_of(BLOCKS, SEED, "all", 1)[0], {"stratum": "all", "attempt": 1}, "")


def test_a_place_that_was_left_comes_first() -> None:
    """Of several the first of the list, whenever it was left; then the list goes on."""
    rows = come(BLOCKS, SEED, 9)
    state = LedgerState.of(rows)
    for seq, at in ((10, 6), (11, 2)):
        state.apply(later(rows[at], seq, LedgerEvent.OPENED, "silent"))
    for seq, at in ((12, 2), (13, 6)):
        got = next_assignment(BLOCKS, SEED, state.standing("all"), "all")
        assert isinstance(got, Assignment)
        assert got.place.id == rows[at].place_id
        assert got.inputs == {"stratum": "all", "attempt": 2}
        state.apply(got.row(f"again{seq}"))
    assert places_of(state.standing("all")) == come(BLOCKS, SEED, 10)[-1].place_id


@pytest.mark.parametrize("name", [name for name in PLANS if name != "endless"])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_place_has_one_holder_and_conditions_end_equal(name: str, seed: int) -> None:
    """However people come, leave and come back: and then everybody stays, until the target is filled."""
    plan = PLANS[name]
    rows = play(plan, SEED, Random(seed), 150)
    state = LedgerState.of(rows)
    living: dict[str, str | None] = {}
    for row in rows:
        if row.event == LedgerEvent.OPENED:
            del living[row.place_id]
        elif row.event != LedgerEvent.FILLED:
            assert living.setdefault(row.place_id, row.participant) == row.participant
    while isinstance(got := next_of(plan, state), Assignment):
        state.apply(got.row(f"new{state.seq}"))
    assert not got.for_good
    counts = state.standing(plan.strata[0]).living
    goals = plan.goals or {}
    if plan.method is AssignmentMethod.SIMPLE:
        assert all(counts[one] >= goal for one, goal in goals.items())
    else:
        # One more is there where somebody came back to their place after another had come for it elsewhere.
        resumed = sum(row.event == LedgerEvent.RESUMED for row in rows)
        assert all(goal <= counts[one] <= goal + resumed for one, goal in goals.items())


def next_of(plan: AssignmentPlan, state: LedgerState) -> Assignment | NoPlace:
    """Whoever comes next to a study, of any stratum and levels."""
    chance = Random(state.seq)
    stratum = chance.choice(plan.strata)
    levels = {name: chance.choice(LEVELS[name]) for name in plan.factors}
    return next_assignment(plan, SEED, state.standing(stratum, levels), stratum, levels)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 120))
def test_once_nothing_is_open_the_imbalance_is_a_block_at_most(seed: int, steps: int) -> None:
    """Whatever happened before: when those who left are replaced, conditions are within two of each other."""
    plan = PLANS["endless"]
    state = LedgerState.of(play(plan, SEED, Random(seed), steps))
    while state.standing("all").opened:
        got = next_of(plan, state)
        assert isinstance(got, Assignment)
        state.apply(got.row(f"new{state.seq}"))
    counts = [state.standing("all").living.get(one, 0) for one in plan.weights]
    assert max(counts) - min(counts) <= max(plan.lengths) // len(plan.conditions)


def test_no_condition_takes_more_than_its_target() -> None:
    """Where the last block is longer than what is missing, places of a full condition are passed over."""
    plan = AssignmentPlan(AssignmentMethod.BLOCKS, crossed({"a": ["x", "y"]}), (8,), target=7)
    assert "".join(place.condition for place in block_of(plan, SEED, "all", 2)) == "xyxyxxyy"
    rows = come(plan, SEED, 14)
    assert [row.place_id for row in rows[8:]] == [f"all:2:{seq}" for seq in (1, 2, 3, 4, 5, 7)]
    assert Counter(row.condition for row in rows) == {"x": 7, "y": 7}


def test_a_target_holds_over_all_strata() -> None:
    """A condition that is filled in one stratum takes nobody in another."""
    plan = PLANS["strata"]
    state = LedgerState.of(come(plan, SEED, 78, "gegen"))
    got = [next_assignment(plan, SEED, state.standing(one), one) for one in plan.strata]
    missing = {one for one, n in state.standing("gegen").living.items() if n < 20}
    assert {one.place.condition for one in got if isinstance(one, Assignment)} <= missing
    assert all(isinstance(one, Assignment) for one in got)


def test_full_for_now_is_not_full_for_good() -> None:
    """While places are held one may open; when all are filled none does."""
    held = dict.fromkeys(BLOCKS.weights, 20)
    assert next_assignment(BLOCKS, SEED, LedgerStanding(80, (20, 1), (), held, {}), "all") == NoPlace(False)
    nearly = {**held, "facts.small": 19}
    assert next_assignment(BLOCKS, SEED, LedgerStanding(80, (20, 1), (), held, nearly), "all") == NoPlace(
        False
    )
    assert next_assignment(BLOCKS, SEED, LedgerStanding(80, (20, 1), (), held, held), "all") == NoPlace(True)
    for name in ("simple", "urn"):
        plan = PLANS[name]
        full = LedgerStanding(80, (20, 1), (), held, held, held)
        assert next_assignment(plan, SEED, full, plan.strata[0]) == NoPlace(True)


def test_a_target_of_one_is_one() -> None:
    """Where nobody is there yet each condition is wanted; where all are held none is filled."""
    plan = replace(BLOCKS, target=1)
    assert sorted(row.condition for row in come(plan, SEED, 4)) == sorted(plan.weights)
    held = dict.fromkeys(plan.weights, 1)
    assert next_assignment(plan, SEED, LedgerStanding(4, (1, 4), (), held, {}), "all") == NoPlace(False)


def test_an_open_place_of_a_full_condition_waits() -> None:
    """It was filled elsewhere: the newcomer goes where people are missing."""
    left = OpenPlace(AssignmentPlace("all", 1, 1, "facts.small"), 1)
    other = OpenPlace(AssignmentPlace("all", 1, 3, "stories.large"), 4)
    living = {"facts.small": 20, "facts.large": 3, "stories.small": 20, "stories.large": 2}
    got = next_assignment(BLOCKS, SEED, LedgerStanding(70, (20, 1), (left, other), living, {}), "all")
    assert got == Assignment(71, other.place, {"stratum": "all", "attempt": 5})


def test_simple_leaves_nothing_out_until_all_are_filled() -> None:
    """What is drawn by itself may make one condition larger, and does not wait for the others."""
    plan = PLANS["simple"]
    place = block_of(plan, SEED, "all", 9)[0]
    living = {**dict.fromkeys(plan.weights, 20), place.condition: 50, "none": 0}
    living[next(one for one in plan.weights if one != place.condition)] = 19
    assert places_of(LedgerStanding(200, (8, 1), (), living, {}), plan) == place.id


def test_what_the_plan_does_not_know_is_said() -> None:
    """A stratum, or a factor, that is none of its own."""
    with pytest.raises(ValueError, match="no stratum 'left'; there are all"):
        next_assignment(BLOCKS, SEED, LedgerStanding(), "left")
    with pytest.raises(ValueError, match="levels are needed of nothing, not of age"):
        next_assignment(BLOCKS, SEED, LedgerStanding(), "all", {"age": "old"})
    with pytest.raises(ValueError, match="levels are needed of age, sex, not of "):
        next_assignment(PLANS["minimise"], SEED, LedgerStanding(), "all")


def test_little_is_read_for_the_next() -> None:
    """A standing without what other strata and levels hold gives the same place."""
    plan = PLANS["strata"]
    rows = play(plan, SEED, Random(5), 90)
    standing = LedgerState.of(rows).standing("gegen")
    assert all(one.place.stratum == "gegen" for one in standing.opened)
    assert sum(standing.here.values()) < sum(standing.living.values())
    assert not standing.alike


def test_each_reason_opens_a_place() -> None:
    """Whatever it was, the next one takes it."""
    for why in OpenedBecause:
        rows = come(BLOCKS, SEED, 3)
        state = LedgerState.of([*rows, later(rows[1], 4, LedgerEvent.OPENED, why)])
        assert places_of(state.standing("all")) == rows[1].place_id
