"""The page and the server hold a form's answers to the same rules."""

import json
from dataclasses import asdict
from typing import Any

import pytest

from study.forms import check
from tests.browser.conftest import Arrive
from tests.study.forms.pools import FORM, drawn_answers

pytestmark = pytest.mark.browser

CHECK = """async ([form, all]) => {
    const { check } = await import("/public/page/forms/rules.js");
    return JSON.stringify(JSON.parse(all).map((values) => check(form, values)));
}"""
# In one text, and every character as an escape: half of a character would not come through otherwise.
CASES = 2_000


def test_both_sides_say_the_same_of_every_answer(arrive: Arrive) -> None:
    """Of two thousand drawn forms: which errors with which numbers, and what the answers come to."""
    page = arrive().page
    page.goto("/login")
    sent = json.dumps(drawn_answers(CASES))
    answers = json.loads(sent)  # as the server gets them
    definition = FORM.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    said: list[dict[str, Any]] = json.loads(page.evaluate(CHECK, [definition, sent]))
    for values, here in zip(answers, said, strict=True):
        there = check(FORM, values)
        errors = {item: asdict(flaw) for item, flaw in there.errors.items()}
        assert (here["errors"], here["values"]) == (errors, there.values), values
