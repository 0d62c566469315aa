"""What a form takes for an answer, whatever it is given."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from study.forms import Form, check, shown_form, summary
from study.forms.checking import Answered
from tests.study.forms.pools import FORM, drawn_answers

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
NAMES = [item.id for item in FORM.items] + ["one_other", "some_other", "stranger"]


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(NAMES), JSON))
def test_whatever_is_sent_is_taken_or_said_to_be_wrong(values: dict[str, Any]) -> None:
    """Nothing that a page could send breaks the check, and nothing that is not asked is kept."""
    answered = check(FORM, values)
    assert set(answered.values) <= set(NAMES) - {"stranger"}
    assert not set(answered.errors) & set(answered.values)


@pytest.mark.parametrize("seed", range(20))
def test_what_is_kept_is_an_answer_itself(seed: int) -> None:
    """Checked once more, the answers are the same; and they can be said in words."""
    shown = shown_form(FORM, "de", str(seed))
    for values in drawn_answers(50, seed):
        kept = check(shown, values).values
        again = check(shown, kept)
        assert again.values == kept
        assert summary(shown, kept)


def test_the_drawn_answers_reach_every_error() -> None:
    """The table that both sides are held to is a hard one."""
    found: set[str] = set()
    for values in drawn_answers(3_000):
        found |= {flaw.code for flaw in check(FORM, values).errors.values()}
    assert found == {
        *("required", "unreadable", "other_words", "short", "long", "number", "whole", "decimals", "least"),
        *("most", "option", "few", "many", "alone", "ranking", "date", "time", "email", "once"),
    }


@pytest.mark.parametrize(
    ("item", "given_", "kept"),
    [
        ({"kind": "number"}, " 3 ", 3),
        ({"kind": "number", "decimals": 1}, "3,5", 3.5),
        ({"kind": "number"}, "\u22123", -3),
        ({"kind": "text"}, "a\nb", "a b"),
        ({"kind": "slider"}, 50, 50),
        ({"kind": "choices", "options": ["a", "b"]}, ["b", "a"], ["b", "a"]),
        ({"kind": "email"}, "ada@example.org", "ada@example.org"),
    ],
)
def test_one_way_of_writing(item: dict[str, Any], given_: Any, kept: Any) -> None:
    """Answers that mean the same are kept as the same."""
    form = Form.model_validate({"id": "f", "items": [{"id": "a", "label": "?", **item}]})
    assert check(form, {"a": given_}) == Answered({}, {"a": kept})
