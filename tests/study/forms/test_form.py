"""A form's definition: what it refuses, and that it comes back from JSON as it was."""

from typing import Any

import pytest
from pydantic import ValidationError

from study.forms import Form, check, shown_form, summary

DRINK: dict[str, Any] = {
    "id": "drink",
    "kind": "choice",
    "label": {"en": "Which drink?", "de": "Welches Getränk?"},
}
DRINK |= {"options": ["Tea", {"value": "coffee", "label": "Coffee"}], "other": True}
MILK: dict[str, Any] = {
    "id": "milk",
    "kind": "yes_no",
    "label": "Milk?",
    "show_if": {"item": "drink", "is": "coffee"},
}


CUPS: dict[str, Any] = {"id": "cups", "kind": "number", "label": "How many?"}


def form(*items: Any, **more: Any) -> Form:
    """A form of these items."""
    return Form.model_validate({"id": "order", "items": list(items), **more})


def test_a_form_comes_back_from_json_as_it_was() -> None:
    """What the record keeps of a form is all of it."""
    shown = shown_form(form(DRINK, MILK), "de", "a seed")
    assert Form.model_validate_json(shown.model_dump_json(by_alias=True, exclude_defaults=True)) == shown


def test_a_condition_shows_an_item_or_hides_it() -> None:
    """What is not shown is neither required nor kept."""
    asked = form(DRINK, MILK)
    assert check(asked, {"drink": "Tea", "milk": True}).values == {"drink": "Tea"}
    assert check(asked, {"drink": "coffee"}).errors["milk"].code == "required"


def test_every_option_can_be_chosen() -> None:
    """As it is written, with spaces at its ends too: it is not typed by anybody."""
    asked = form(DRINK | {"options": [" Tea ", "Coffee\r\n"]})
    for option in (" Tea ", "Coffee\r\n"):
        assert check(asked, {"drink": option}).values == {"drink": option}


def test_the_answers_are_said_in_readable_words() -> None:
    """A participant's message reads as one, in the form's language."""
    shown = shown_form(form(DRINK, MILK), "de", "a seed")
    values = check(shown, {"drink": "coffee", "milk": False}).values
    assert summary(shown, values) == "Welches Getränk? Coffee\nMilk? Nein"


def test_the_words_of_an_other_are_asked_for_and_kept() -> None:
    """An "other" without words is none."""
    asked = form(DRINK)
    assert check(asked, {"drink": "other"}).errors["drink"].code == "other_words"
    values = check(asked, {"drink": "other", "drink_other": " Mate "}).values
    assert values == {"drink": "other", "drink_other": "Mate"}
    assert summary(shown_form(asked, "en", ""), values) == "Mate"


@pytest.mark.parametrize(
    ("items", "said"),
    [
        ([MILK, DRINK], "which is not asked before it"),
        ([MILK], "which is no item of this form"),
        ([DRINK, DRINK], "two of its items have the id drink"),
        ([{"id": "a", "kind": "choice", "label": "?", "options": []}], "a choice needs options"),
        ([{"id": "a", "kind": "choice", "label": "?", "options": ["x", "x"]}], "two of its options"),
        ([{"id": "a", "kind": "number", "label": "?", "least": 5, "most": 1}], "its least, 5, is more"),
        ([{"id": "a", "kind": "date", "label": "?", "least": "31.1.2026"}], "is written like"),
        ([{"id": "a", "kind": "text", "label": "?", "options": ["x"]}], "a text has no 'options'"),
        ([{"id": "a", "kind": "scale", "label": "?", "most": 40}], "from 2 to 11 points"),
        ([{"id": "a", "kind": "note", "label": "Read this."}], "at least one item that asks"),
        ([{"id": "a", "kind": "text", "label": {"fr": "Quoi ?"}}], "does not speak"),
        ([DRINK, {**MILK, "show_if": {"item": "drink", "is": "cofee"}}], "is never cofee"),
        ([DRINK, {**MILK, "show_if": {"item": "drink", "at_least": 3}}], "is never more or less than 3"),
        (
            [CUPS, {**MILK, "show_if": {"any": [{"item": "cups", "at_most": "2026-01-31"}]}}],
            "it can be held against a number",
        ),
        (
            [{**CUPS, "kind": "date"}, {**MILK, "show_if": {"item": "cups", "at_least": "31.1."}}],
            'it can be held against a date such as "2026-01-31"',
        ),
        ([DRINK, {**MILK, "show_if": {"item": "drink"}}], "needs an 'item' with"),
        ([{**CUPS, "most": 10**15}], "must be a number below 1,000,000,000,000,000"),
        ([{**CUPS, "least": -(10**400)}], "must be a number below 1,000,000,000,000,000"),
        ([{**DRINK, "options": [{"value": "x", "code": 10**400}]}], "less than 1000000000000000"),
        ([DRINK, {"id": "drink_other", "kind": "text", "label": "?"}], "is taken by the words"),
    ],
)
def test_a_wrong_form_is_refused(items: list[Any], said: str) -> None:
    """Whoever writes a form hears what is wrong with it."""
    with pytest.raises(ValidationError) as refused:
        form(*items)
    assert said in str(refused.value)


def test_a_seed_draws_one_order() -> None:
    """The order in which items and options are shown can be drawn again from what is kept."""
    items = [{"id": f"q{n}", "kind": "text", "label": f"{n}?"} for n in range(8)]
    asked = form(*items, shuffle=True)
    orders = {seed: [one.id for one in shown_form(asked, "en", seed).items] for seed in "abcdef"}
    assert orders == {seed: [one.id for one in shown_form(asked, "en", seed).items] for seed in "abcdef"}
    assert len({tuple(order) for order in orders.values()}) > 1
    assert all(sorted(order) == [f"q{n}" for n in range(8)] for order in orders.values())


def test_what_is_held_keeps_its_place() -> None:
    """Conditions stay behind what they look at, pages stay pages, a last option stays last."""
    items: list[dict[str, Any]] = [
        {"id": f"q{n}", "kind": "text", "label": f"{n}?", "new_page": n == 4} for n in range(8)
    ]
    options = [*"abcdefg", {"value": "none", "label": "None", "last": True}]
    items[5] |= {"kind": "choices", "options": options, "shuffle": True}
    items[7] |= {"show_if": {"item": "q5", "is": "none"}}
    shown = shown_form(form(*items, shuffle=True), "en", "seed")
    ids = [one.id for one in shown.items]
    assert set(ids[:4]) == {"q0", "q1", "q2", "q3"}
    assert (ids[5], ids[7]) == ("q5", "q7")
    assert [one.new_page for one in shown.items] == [place == 4 for place in range(8)]
    assert [option.value for option in shown.items[5].options][-1] == "none"
