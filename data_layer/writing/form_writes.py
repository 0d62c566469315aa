"""What can be written about forms: that one stands open, and that it was answered."""

from dataclasses import dataclass
from datetime import datetime

from data_layer.database.rows import Row


@dataclass(frozen=True, slots=True)
class PutForm:
    """A form stands under a reply from now on; where its participant has gone on meanwhile, as one left.

    Args:
        row: Of `forms`.
        at: When it was called for.
    """

    row: Row
    at: datetime


@dataclass(frozen=True, slots=True)
class AnswerForm:
    """A form is sent: its answers, and the participant's message that says them, all or nothing.

    Refused when the form is not open any more, or not in a thread of theirs. The same message once more
    is no other answer.

    Args:
        form_id: Which; open in the message's thread.
        message: A row of `steps`, new.
        answers: By item.
        rows: Of `form_answers`.
        at: When it was called for.
        by: The participant.
    """

    form_id: str
    message: Row
    answers: Row
    rows: tuple[Row, ...]
    at: datetime
    by: str
