"""Forms in the story that a researcher reads."""

import pytest

from agent.tools.approval import APPROVES
from research.context import make_templates
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


def test_a_question_before_a_tool_is_told_as_one() -> None:
    """Its form has a name that nobody gave it: what it was for is said instead."""
    items = [{"id": "approved", "kind": "yes_no", "label": "copies: 2"}]
    row = {"form_id": "f", "message_id": "m", "name": f"{APPROVES}0f", "state": "answered"}
    row |= {"definition": {"id": f"{APPROVES}0f", "items": items}, "left_because": None}
    (told,) = forms_asked([row | {"answers": {"approved": True}, "shown_at": BEGIN}])
    assert told.words == "The agent asked before it called a tool: it was answered"
    assert told.details == [("copies: 2", "Yes")]


@pytest.mark.parametrize(("asked", "written"), [("How many?", "How many? "), ("Your age", "Your age: ")])
def test_a_question_has_one_sign_at_its_end(asked: str, written: str) -> None:
    """A colon stands behind one that has none of its own."""
    items = [{"id": "it", "kind": "text", "label": asked}]
    row = {"form_id": "f", "message_id": "m", "name": "it", "state": "answered", "left_because": None}
    row |= {"definition": {"id": "it", "items": items}, "answers": {"it": "7"}, "shown_at": BEGIN}
    (told,) = forms_asked([row])
    drawn = make_templates().get_template("thread_parts.html").module.happened(told)
    assert f"{written}<bdi>7</bdi>" in drawn
