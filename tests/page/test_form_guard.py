"""What a page may send as a form: one shape, and nothing else gets further."""

import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from page.chat.form_guard import form_sent

FORM, MESSAGE = str(uuid.UUID(int=1, version=4)), str(uuid.UUID(int=2, version=4))
RIGHT: dict[str, Any] = {
    "form_id": FORM,
    "message_id": MESSAGE,
    "values": {"a": "x"},
    "touched": {"a": 1_700_000_000_000},
    "changes": {"a": 2},
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


def test_our_own_shape_passes() -> None:
    """With the moments as moments."""
    sent = form_sent(RIGHT)
    assert sent is not None
    assert sent.touched == {"a": datetime.fromtimestamp(1_700_000_000, UTC)}
    assert (sent.form_id, sent.values, sent.changes) == (FORM, {"a": "x"}, {"a": 2})


@pytest.mark.parametrize(
    "wrong",
    [
        {"form_id": "../../etc"},
        {"form_id": None},
        {"message_id": str(uuid.uuid1())},
        {"message_id": 7},
        {"values": ["a"]},
        {"values": {str(n): n for n in range(500)}},
    ],
)
def test_another_shape_is_none(wrong: dict[str, Any]) -> None:
    """Ids that are none, values that are none, more of them than a form can have."""
    assert form_sent(RIGHT | wrong) is None


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(list(RIGHT)), JSON))
def test_whatever_is_sent_breaks_nothing(changed: dict[str, Any]) -> None:
    """Moments beyond the calendar, numbers that are none, texts for lists."""
    sent = form_sent(RIGHT | changed)
    assert sent is None or all(moment.tzinfo is UTC for moment in sent.touched.values())
