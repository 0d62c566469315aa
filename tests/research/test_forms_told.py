"""Forms in the story that a researcher reads."""

import pytest

from research.thread.forms import forms_asked
from tests.exports.seed import BEGIN

ITEMS = [
    {
        "id": "drink",
        "kind": "choice",
        "label": "Which?",
        "options": [{"value": "t", "label": "Tea"}],
        "other": "Else",
    },
    {"id": "milk", "kind": "yes_no", "label": "Milk?", "required": False},
]


@pytest.mark.parametrize(
    ("state", "because", "answers", "words", "details"),
    [
        ("open", None, None, "it waits for an answer", []),
        ("left", "typed", None, "the participant wrote a message instead", []),
        ("left", "moved", None, "it left the screen with its branch", []),
        (
            "answered",
            None,
            {"drink": "t", "milk": True},
            "it was answered",
            [("Which?", "Tee"), ("Milk?", "Ja")],
        ),
        (
            "answered",
            None,
            {"drink": "other", "drink_other": "Mate"},
            "it was answered",
            [("Which?", "Mate")],
        ),
    ],
)
def test_a_form_is_told_with_what_became_of_it(
    state: str,
    because: str | None,
    answers: dict[str, object] | None,
    words: str,
    details: list[tuple[str, str]],
) -> None:
    """In the words that stood on the page, at the reply that asked."""
    items = [ITEMS[0] | {"options": [{"value": "t", "label": "Tee"}]}, ITEMS[1]]
    definition = {"id": "order", "title": "Bestellung", "language": "de", "items": items}
    row = {"form_id": "f", "message_id": "m", "name": "order", "definition": definition, "state": state}
    row |= {"left_because": because, "answers": answers, "shown_at": BEGIN}
    (told,) = forms_asked([row])
    assert told.words == f"The agent asked with the form “Bestellung”: {words}"
    assert (told.details, told.target, told.at) == (details, "m", BEGIN)


@pytest.mark.parametrize(
    ("state", "because", "answers", "unanswered", "seen"),
    [
        ("open", None, None, ("Which?", "Milk?", "Sugar?"), True),
        ("left", "typed", None, ("Which?", "Milk?", "Sugar?"), True),
        ("left", "moved", None, ("Which?", "Milk?", "Sugar?"), False),
        ("answered", None, {"drink": "t"}, ("Milk?",), True),
        ("answered", None, {"drink": "t", "milk": True}, ("Sugar?",), True),
    ],
)
def test_what_was_not_answered_is_told_too(
    state: str,
    because: str | None,
    answers: dict[str, object] | None,
    unanswered: tuple[str, ...],
    seen: bool,
) -> None:
    """Each question that stood there without an answer, and none that its condition hid from who answered."""
    sugar = {"id": "sugar", "kind": "yes_no", "label": "Sugar?", "show_if": {"item": "milk", "is": True}}
    row = {"form_id": "f", "message_id": "m", "name": "order", "state": state, "left_because": because}
    row |= {"definition": {"id": "order", "items": [*ITEMS, sugar]}, "answers": answers, "shown_at": BEGIN}
    (told,) = forms_asked([row])
    assert (told.unanswered, told.seen) == (unanswered, seen)
