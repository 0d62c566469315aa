"""Minimisation and the urn: conditions that are drawn from who is there, with what they were drawn from."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from random import Random

import pytest

from study.assignment import Assignment, LedgerStanding, LedgerState, next_assignment
from study.assignment.draws import words_of
from study.assignment.minimise import imbalance_with, minimise
from study.assignment.urn import balls_of, draw_ball
from tests.study.assignment.ledgers import LEVELS, PLANS, SEED

# Three treatments and the counts at a newcomer's levels of three factors, reckoned by hand below.
ABC = ("A", "B", "C")
COUNTS = {
    "sex": {"A": 4, "B": 3, "C": 3},
    "age": {"A": 2, "B": 2, "C": 1},
    "site": {"A": 1, "B": 0, "C": 3},
}
EQUAL = dict.fromkeys(COUNTS, Fraction(1))
FOUR_FIFTHS = Fraction(4, 5)


def word(*numbers: int) -> Iterator[int]:
    """Words that are drawn as they stand."""
    return iter(numbers)


def test_the_ranges_are_those_reckoned_by_hand() -> None:
    """With A 5,3,3 and 3,2,1 and 2,0,3: 2 + 2 + 3. With B 1 + 2 + 2, with C 1 + 0 + 4."""
    assert [imbalance_with(one, ABC, COUNTS, EQUAL) for one in ABC] == [7, 5, 5]


def test_a_condition_that_nobody_has_counts_nothing() -> None:
    """Counts need not name it: 1 and 0 with A are 2 apart, with B alike."""
    counts = {"sex": {"A": 1}}
    assert [imbalance_with(one, ("A", "B"), counts, {"sex": Fraction(1)}) for one in ("A", "B")] == [2, 0]


def test_weights_make_a_factor_count_more() -> None:
    """With age three times as heavy it is 2 + 6 + 3, 1 + 6 + 2 and 1 + 0 + 4."""
    heavy = {**EQUAL, "age": Fraction(3)}
    assert [imbalance_with(one, ABC, COUNTS, heavy) for one in ABC] == [11, 9, 5]


@pytest.mark.parametrize(
    ("words", "condition", "draw"),
    [
        ((0, 3), "B", "tie 0/2, coin 3/5"),
        ((1, 0), "C", "tie 1/2, coin 0/5"),
        ((0, 4, 0), "A", "tie 0/2, coin 4/5, other 0/2"),
        ((0, 4, 1), "C", "tie 0/2, coin 4/5, other 1/2"),
        ((1, 4, 1), "B", "tie 1/2, coin 4/5, other 1/2"),
    ],
)
def test_the_best_is_the_likeliest(words: tuple[int, ...], condition: str, draw: str) -> None:
    """B and C tie: a draw prefers one, a coin of four fifths takes it, and else another is drawn."""
    assert minimise(ABC, COUNTS, EQUAL, FOUR_FIFTHS, word(*words)) == (condition, draw)


def test_with_certainty_it_is_that_of_taves() -> None:
    """At probability 1 the best is taken always; of those that tie each is as likely."""
    got = Counter(
        minimise(ABC, COUNTS, EQUAL, Fraction(1), words_of("seed", number))[0] for number in range(1000)
    )
    assert got.keys() == {"B", "C"}
    assert 430 < got["B"] < 570


def test_one_that_is_left_is_taken() -> None:
    """Where all others are filled nothing is to choose."""
    assert minimise(("C",), COUNTS, EQUAL, FOUR_FIFTHS, word(0)) == ("C", "tie 0/1")


def test_minimisation_balances_each_factor() -> None:
    """80 people of random levels: conditions differ by little in every level, and in the end by nothing."""
    plan = PLANS["minimise"]
    state, chance = LedgerState(), Random(7)
    for number in range(80):
        levels = {name: chance.choice(LEVELS[name]) for name in plan.factors}
        got = next_assignment(plan, SEED, state.standing("all", levels), "all", levels)
        assert isinstance(got, Assignment)
        assert got.inputs["levels"] == levels
        state.apply(got.row(f"p{number}"))
    for name, levels_of in LEVELS.items():
        for level in levels_of:
            alike = state.standing("all", {name: level}).alike[name]
            there = [alike.get(one, 0) for one in plan.weights]
            assert max(there) - min(there) <= 4
    assert state.standing("all").living == dict.fromkeys(plan.weights, 20)


def test_a_minimisation_is_written_as_it_was_made() -> None:
    """Its counts at the newcomer's levels, and its draw behind a word that is the newcomer's own."""
    plan = PLANS["minimise"]
    alike = {"age": {"facts.small": 3}, "sex": {"facts.small": 1, "stories.large": 2}}
    standing = LedgerStanding(9, (9, 1), (), {"facts.large": 20}, {}, {}, alike)
    levels = {"age": "old", "sex": "x"}
    got = next_assignment(plan, SEED, standing, "all", levels)
    assert isinstance(got, Assignment)
    assert got.place.id == "all:10:1"
    wanted = ("facts.small", "stories.small", "stories.large")
    assert got.inputs == {
        "stratum": "all",
        "levels": levels,
        "counts": {
            "age": dict(zip(wanted, (3, 0, 0), strict=True)),
            "sex": dict(zip(wanted, (1, 0, 2), strict=True)),
        },
    }
    mark, _, draw = got.draw.partition(" ")
    assert mark == f"{next(words_of(SEED, 'minimise', 'all', 10, 'age', 'old', 'sex', 'x')):016x}"
    assert draw.startswith("tie 0/1, coin ")


def test_an_urn_gains_balls_of_those_that_were_not_drawn() -> None:
    """UD(1, 2) after A twice and B once: 1 + 2 x 1 of A, 1 + 2 x 2 of B, 1 + 2 x 3 of C."""
    assert balls_of(ABC, {"A": 2, "B": 1}, 1, 2) == {"A": 3, "B": 5, "C": 7}


def test_an_empty_urn_holds_one_of_each() -> None:
    """UD(0, 1) has nothing to draw the first from; its second draw is never the first again."""
    assert balls_of(ABC, {}, 0, 1) == dict.fromkeys(ABC, 1)
    assert balls_of(ABC, {"B": 1}, 0, 1) == {"A": 1, "B": 0, "C": 1}


def test_each_ball_is_somebodys() -> None:
    """Three of A, none of B, two of C."""
    balls = {"A": 3, "B": 0, "C": 2}
    assert [draw_ball(balls, word(number)) for number in range(5)] == [
        (name, f"ball {number}/5") for number, name in enumerate("AAACC")
    ]


def test_an_urn_pulls_groups_together() -> None:
    """After 60 people the conditions of a stratum are nearer to each other than coins would leave them."""
    plan = replace(PLANS["urn"], target=None)
    spreads = []
    for run in range(40):
        state = LedgerState()
        for number in range(60):
            got = next_assignment(plan, f"seed {run}", state.standing("left"), "left")
            assert isinstance(got, Assignment)
            state.apply(got.row(f"p{number}"))
        there = [state.standing("left").here.get(one, 0) for one in plan.weights]
        spreads.append(max(there) - min(there))
    # Four equal chances leave 60 people 8.0 apart on average (20,000 runs), this urn 6.1 (400 runs).
    assert sum(spreads) / len(spreads) < 7
