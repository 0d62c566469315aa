"""Answers that nobody has given: the rules take them, or find the one slip in them."""

from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from study.forms import Form, ItemKind, check
from study.forms.filling import filled, spoiled
from tests.study.forms.pools import FORM

FILES = {"paper": ["one", "two"]}


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 10_000))
def test_what_is_filled_in_is_taken(seed: int) -> None:
    """Whatever is drawn: bounds, conditions and choices that exclude others are kept to."""
    values = filled(FORM, Random(seed), FILES)
    answered = check(FORM, values)
    assert answered.errors == {}
    assert set(values) == set(answered.values)


def test_everything_is_filled_in_once_in_a_while() -> None:
    """No item, and no choice that is offered, is never taken."""
    drawn = [filled(FORM, Random(seed), FILES) for seed in range(300)]
    assert {name for values in drawn for name in values} == {
        *(item.id for item in FORM.items),
        *("one_other", "some_other"),
    }
    assert {values["one"] for values in drawn} == {"a", "b", "other"}
    assert {one for values in drawn for one in values["some"]} == {"a", "b", "c", "none", "other"}


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 10_000))
def test_a_slip_is_found(seed: int) -> None:
    """One answer is wrong, and the rules say so."""
    chance = Random(seed)
    wrong = spoiled(FORM, filled(FORM, chance, FILES), chance)
    assert wrong is not None
    assert check(FORM, wrong).errors


def test_where_nothing_can_be_wrong_there_is_no_slip() -> None:
    """A form that need not be answered takes an empty one."""
    form = Form.model_validate(
        {"id": "one", "items": [{"id": "a", "kind": "yes_no", "label": "?", "required": False}]}
    )
    assert spoiled(form, {"a": True}, Random(7)) is None


HARD: list[dict[str, Any]] = [
    {"kind": "text", "least": 60, "most": 61},
    {"kind": "text", "most": 1},
    {"kind": "text", "most": 3},
    {"kind": "long_text", "least": 400},
    {"kind": "number", "least": 0.5, "most": 0.55, "decimals": 2},
    {"kind": "number", "most": -1000},
    {"kind": "number", "least": 999_999_999_999_999},
    {"kind": "slider", "least": -1, "most": 1, "step": 0.3},
    {"kind": "scale", "least": 0, "most": 10},
    {"kind": "choice", "other": "Another"},
    {"kind": "choices", "options": [{"value": "none", "alone": True}, "a"], "least": 2},
    {"kind": "choices", "options": ["a", "b", "c"], "least": 3},
    {"kind": "date", "least": "9999-12-01"},
    {"kind": "date", "most": "0001-02-01"},
    {"kind": "time", "least": "23:59"},
    {"kind": "email", "least": 200},
    {"kind": "email", "most": 6},
]


@pytest.mark.parametrize("item", HARD, ids=str)
def test_tight_bounds_are_met(item: dict[str, Any]) -> None:
    """Also where hardly anything fits."""
    form = Form.model_validate({"id": "hard", "items": [{"id": "a", "label": "?"} | item]})
    for seed in range(40):
        values = filled(form, Random(seed))
        assert check(form, values).errors == {}, values
        assert "a" in values


def test_each_kind_can_be_answered() -> None:
    """A new one needs its line, or nobody simulated would answer it."""
    assert {item.kind for item in FORM.items} == set(ItemKind) - {ItemKind.NOTE}
