"""Forms in a thread that is told: asked under replies, then answered in the next message's place, or left."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from data_layer.database.rows import Row
from demo.sheet import Sheet, moment_of, new_id
from study.forms import Form, check, shown_form, summary
from study.forms.filling import filled
from study.forms.rows import answer_row, asked_row
from study.strings import ENGLISH
from study.vocabulary import FormState

# How often: of all whole replies; of the last ones; of the forms, those that are sent and not left for words.
_ASKED, _ASKED_LAST, _SENT = 0.2, 0.03, 0.75
_CHANGES: Final = (1, 1, 1, 2, 3)


@dataclass(frozen=True)
class FilledForm:
    """A form that is about to be sent.

    Args:
        form_id: Which.
        words: What its message says.
        values: The answers, by item.
    """

    form_id: str
    words: str
    values: Mapping[str, Any]


class DemoForms:
    """Asks with forms in one thread.

    Args:
        sheet: Where the rows go.
        thread: The thread's row.
        forms: What is asked.
    """

    def __init__(self, sheet: Sheet, thread: Row, forms: tuple[Form, ...]) -> None:
        self._sheet = sheet
        self._thread = thread
        self._forms = forms
        self._open: tuple[Row, Form] | None = None

    def ask(self, reply: Row, *, is_last: bool) -> None:
        """A reply has been given; now and then it asks, and seldom where nothing more is said."""
        beside = self._sheet.beside
        if not self._forms or beside.random() >= (_ASKED_LAST if is_last else _ASKED):
            return
        self._sheet.tick()
        form_id = new_id(beside)
        form = shown_form(beside.choice(self._forms), ENGLISH, form_id)
        row = {
            "form_id": form_id,
            "thread_id": reply["thread_id"],
            "run_id": reply["run_id"],
            "message_id": reply["step_id"],
            "seq": self._sheet.order,
            "turn": reply["turn"],
            **asked_row(form),
            "shown_at": self._sheet.now,
        }
        reply["metadata"] = {"form_id": form_id}
        self._open = self._sheet.add("forms", row), form
        self._thread["open_form_id"] = form_id

    def fill(self) -> FilledForm | None:
        """What the participant sends in place of what comes next; None where they go on in words."""
        beside = self._sheet.beside
        if self._open is None or beside.random() >= _SENT:
            return None
        row, form = self._open
        answered = check(form, filled(form, beside))
        if answered.errors:  # it wants a file
            return None
        return FilledForm(row["form_id"], summary(form, answered.values), answered.values)

    def said(self, message: Row, sent: FilledForm | None) -> None:
        """A message has come: the form that was open is answered by it, or left.

        Args:
            message: Its row.
            sent: What was filled in.
        """
        if self._open is None:
            return
        row, form = self._open
        self._open = self._thread["open_form_id"] = None
        row["closed_at"] = message["created_at"]
        if sent is None:
            row |= {"state": FormState.LEFT.value, "left_because": "typed"}
            return
        answers = {"answers": dict(sent.values), "answered_by_message": message["step_id"]}
        row |= {"state": FormState.ANSWERED.value} | answers
        message["metadata"] = {"answers_form": row["form_id"]}
        for place, item in enumerate(form.items, start=1):
            if item.is_asked:
                self._answer(row, message, answer_row(item, place, form, sent.values))

    def _answer(self, form: Row, message: Row, answer: Row) -> None:
        beside, touched = self._sheet.beside, answer["value"] is not None
        self._sheet.tick()
        share = beside.random()
        first = form["shown_at"] + (message["created_at"] - form["shown_at"]) * share
        row = answer | {
            "answer_id": new_id(beside),
            "form_id": form["form_id"],
            "thread_id": form["thread_id"],
            "message_id": message["step_id"],
            "connection_id": message["connection_id"],
            "seq": self._sheet.order,
            "form": form["name"],
            "changes": beside.choice(_CHANGES) if touched else 0,
            "shown_at": form["shown_at"],
            "first_touched_at": moment_of(int(first.timestamp() * 1000)) if touched else None,
            "sent_at": message["created_at"],
        }
        self._sheet.add("form_answers", row)
