"""What is wrong with a plan, named by its key and with the repair."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from study.assignment import AssignmentPlan, PlanComplaint, PlannedCondition, complaints_of, plan_rows
from tests.study.assignment.ledgers import PLANS

A, B = PlannedCondition("a"), PlannedCondition("b")


@pytest.mark.parametrize("name", PLANS)
def test_a_plan_that_can_be_used_has_no_complaint(name: str) -> None:
    """All that the other tests use."""
    assert complaints_of(PLANS[name]) == ()


@pytest.mark.parametrize(
    ("of", "change", "key", "words"),
    [
        ("blocks", {"conditions": (A,)}, "conditions", "fewer than two"),
        ("blocks", {"conditions": (A, A)}, "conditions", "two have one name"),
        ("blocks", {"conditions": (A, PlannedCondition(""))}, "conditions", "or one has none"),
        ("blocks", {"conditions": (A, PlannedCondition("b", 0))}, "weights", "b 0 is below 1"),
        ("blocks", {"conditions": (A, PlannedCondition("b", 1000))}, "weights", "more than 1000"),
        ("blocks", {"lengths": ()}, "lengths", "blocks need one. Write it like: lengths: [4, 8]"),
        ("blocks", {"lengths": (4, 6)}, "lengths", "6 is not a multiple of 4"),
        ("blocks", {"lengths": (0, 4)}, "lengths", "0 is not"),
        ("blocks", {"lengths": (-4, 4)}, "lengths", "-4 is not"),
        ("blocks", {"lengths": (1004, 4)}, "lengths", "1004 is not"),
        ("ratio", {"lengths": (4, 6)}, "lengths", "4 is not a multiple of 3"),
        ("blocks", {"strata": ()}, "within", "or there is none"),
        ("blocks", {"strata": ("x", "x")}, "within", "two strata have one name"),
        (
            "blocks",
            {"strata": tuple("abcdefghijk")},
            "within",
            "11 strata of 4 conditions are too many for 80",
        ),
        ("blocks", {"target": 0}, "target", "0 is nobody"),
        ("blocks", {"factors": {"age": Fraction(1)}}, "factors", "blocks looks at none"),
        ("simple", {"lengths": (4,)}, "lengths", "simple has no blocks"),
        ("minimise", {"factors": {}}, "factors", "needs one or more"),
        ("minimise", {"factors": {"age": Fraction(0)}}, "factors", "a weight above 0"),
        ("minimise", {"strata": ("x", "y")}, "within", "minimise has no strata"),
        ("minimise", {"probability": Fraction(1, 3)}, "probability", "1/3 is not between 0.5 and 1"),
        ("minimise", {"probability": Fraction(3, 2)}, "probability", "3/2 is not between"),
        ("minimise", {"probability": Fraction(2**33 - 1, 2**33)}, "probability", "is not between"),
        ("minimise", {"conditions": (A, PlannedCondition("b", 2))}, "weights", "equally large"),
        ("urn", {"urn": (0, 0)}, "urn", "it needs balls"),
        ("urn", {"urn": (-1, 2)}, "urn", "it needs balls"),
        ("urn", {"conditions": (A, PlannedCondition("b", 2))}, "weights", "equally large"),
    ],
)
def test_what_is_wrong_is_said_with_its_repair(of: str, change: dict[str, Any], key: str, words: str) -> None:
    """One complaint, at its key, that stops the start."""
    found = complaints_of(replace(PLANS[of], **change))
    assert [one.key for one in found] == [key]
    assert found[0].refuses
    assert words in str(found[0])
    assert str(found[0]).startswith(f"{key}: ")
    assert str(found[0]).endswith((".", "]", "8", "}", "100"))


@pytest.mark.parametrize(
    ("of", "change", "key"),
    [("blocks", {"lengths": (4, 4)}, "lengths"), ("minimise", {"probability": Fraction(1)}, "probability")],
)
def test_what_can_be_guessed_is_said_and_taken(of: str, change: dict[str, Any], key: str) -> None:
    """One length of all blocks, and a minimisation without chance."""
    found = complaints_of(replace(PLANS[of], **change))
    assert [(one.key, one.refuses) for one in found] == [(key, False)]


def test_the_bound_of_strata_is_eight_people_a_cell() -> None:
    """Ten strata of four conditions need 320 people, and with as many there is no complaint."""
    strata = tuple("abcdefghij")
    assert complaints_of(replace(PLANS["blocks"], strata=strata, target=80)) == ()
    few = complaints_of(replace(PLANS["blocks"], strata=strata, target=79))
    assert "ask for 320 participants and more" in str(few[0])


@pytest.mark.parametrize(
    ("of", "change"),
    [
        ("blocks", {"target": 1}),
        ("blocks", {"lengths": (4, 1000)}),
        ("simple", {"conditions": (A, PlannedCondition("b", 999))}),
        ("minimise", {"probability": Fraction(1, 2)}),
        ("minimise", {"probability": Fraction(2**32 - 1, 2**32)}),
        ("strata", {"target": 16}),
    ],
)
def test_what_is_just_allowed_is_taken(of: str, change: dict[str, Any]) -> None:
    """The least and the most of each."""
    assert complaints_of(replace(PLANS[of], **change)) == ()


def test_two_strata_can_be_too_many() -> None:
    """Two of four conditions need 64 people."""
    assert [one.key for one in complaints_of(replace(PLANS["strata"], target=15))] == ["within"]


def test_weights_are_as_small_as_they_can_be() -> None:
    """4 and 2 are 2 and 1: blocks of three are possible, and the target counts for each one of weight."""
    plan = PLANS["ratio"]
    assert plan.weights == {"facts": 2, "stories": 1}
    assert plan.goals == {"facts": 30, "stories": 15}
    assert AssignmentPlan(plan.method, plan.conditions).goals is None


def test_a_plan_is_written_as_rows() -> None:
    """For programs without YAML: all that the lists of places depend on."""
    assert plan_rows(PLANS["ratio"]) == (
        ("method", "blocks", None),
        ("condition", "facts", 2),
        ("condition", "stories", 1),
        ("length", "3", None),
        ("length", "6", None),
        ("stratum", "all", None),
        ("target", "15", None),
    )
    assert plan_rows(PLANS["endless"])[-1] == ("stratum", "all", None)


def test_a_complaint_is_a_sentence_at_a_key() -> None:
    """As `check` shows it."""
    assert (
        str(PlanComplaint("lengths", "6 is odd", "Write it like: 4")) == "lengths: 6 is odd. Write it like: 4"
    )
