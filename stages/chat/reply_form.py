"""The form of a reply: what its agent asks with, opened with the reply's end and shown when that is kept."""

import uuid

from data_layer.database.rows import Row
from data_layer.record import Record
from data_layer.writing.form_writes import PutForm
from data_layer.writing.outcome import Outcome
from stages.chat.forms import show_form
from stages.screen import Screen
from study.forms import Form, shown_form
from study.forms.rows import asked_row
from study.vocabulary import Status


class ReplyForm:
    """What a reply asks with, if it does.

    Args:
        record: Where it is kept.
        run: The row of `runs` that it belongs to.
        message_id: The reply's message.
        screen: Where it is shown.
    """

    def __init__(self, record: Record, run: Row, message_id: str, screen: Screen) -> None:
        self._record = record
        self._run = run
        self._message_id = message_id
        self._screen = screen
        self._form: Form | None = None
        self._row: Row | None = None

    @property
    def is_asked(self) -> bool:
        """Whether the agent has asked."""
        return self._form is not None

    def ask(self, form: Form) -> None:
        """Ask with a form.

        Args:
            form: As the agent has it.

        Raises:
            LookupError: It is the second.
        """
        if self._form is not None:  # its participant could answer only one
            raise LookupError("a reply asks with one form; this one has asked with two")
        self._form = form

    def words(self) -> str:
        """What a reply says that has no words of its own: nothing stands on the page without any."""
        if self._form is None:
            return ""
        shown = shown_form(self._form, self._screen.strings.language, "")
        return str(shown.title or shown.asked[0].label)

    def open(self, status: Status) -> list[PutForm]:
        """What is kept of it with the reply's end; of a reply that failed or was stopped nothing."""
        if self._form is None or status != Status.COMPLETE:
            return []
        form_id, now = str(uuid.uuid4()), self._record.now()
        shown = shown_form(self._form, self._screen.strings.language, form_id)
        self._row = {
            "form_id": form_id,
            "thread_id": self._run["thread_id"],
            "run_id": self._run["run_id"],
            "message_id": self._message_id,
            "seq": self._record.take_order(),
            "turn": self._run["turn"],
            **asked_row(shown),
            "left_because": None,
            "answers": None,
            "shown_at": now,
            "closed_at": None,
            "answered_by_message": None,
        }
        return [PutForm(self._row, now)]

    @property
    def of_message(self) -> Row:
        """The columns by which the reply's message knows its form."""
        return {} if self._row is None else {"metadata": {"form_id": self._row["form_id"]}}

    async def show(self, kept: Outcome) -> None:
        """Show it, once it is committed."""
        if self._row is not None and not kept.journaled:
            await show_form(self._record, self._row["form_id"], self._screen)
