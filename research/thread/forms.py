"""Forms that an agent asked with, in words: what became of each, and what was answered."""

from collections.abc import Iterable
from typing import Final

from agent.tools.approval import APPROVES
from data_layer.conversations.forms import form_of
from data_layer.database.rows import Row
from research.thread.entries import Happened
from study.forms.conditions import is_shown
from study.forms.summary import words_of
from study.strings import ENGLISH
from study.vocabulary import FormState

_BECAME: Final = {
    "open": "it waits for an answer",
    "answered": "it was answered",
    "typed": "the participant wrote a message instead",
    "moved": "it left the screen with its branch",
}


def forms_asked(forms: list[Row]) -> Iterable[Happened]:
    """Each form of a thread, at the moment when it was shown."""
    for row in forms:
        form, answers = form_of(row), row["answers"] or {}
        called = f"with the form “{form.title or row['name']}”"
        if row["name"].startswith(APPROVES):
            called = "before it called a tool"
        became = _BECAME[row["left_because"] or row["state"]]
        said = [
            (str(item.label), words_of(item, answers, form.language or ENGLISH))
            for item in form.asked
            if item.id in answers
        ]
        answered = row["state"] == FormState.ANSWERED.value
        unanswered = [
            str(item.label)
            for item in form.asked
            if item.id not in answers and (not answered or is_shown(item, answers))
        ]
        yield Happened(
            f"{row['form_id']}-form",
            "form",
            row["shown_at"],
            f"The agent asked {called}: {became}",
            said,
            row["message_id"],
            tuple(unanswered),
            seen=row["left_because"] != "moved",
        )
