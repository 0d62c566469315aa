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
