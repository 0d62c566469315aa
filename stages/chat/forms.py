"""A form in a thread that a reply has asked: answered once, by a message that says the answers in words."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from data_layer.conversations.forms import form_mark, form_of, form_row
from data_layer.conversations.threads import thread_row
from data_layer.database.ids import is_uuid
from data_layer.database.rows import Row
from data_layer.record import Record
from data_layer.writing.form_writes import AnswerForm
from data_layer.writing.writes import PutThread, Write
from stages.chat.attachments import MessageFiles
from stages.screen import Screen
from stages.spoken import Spoken
from study.errors import WriteRefused
from study.forms import Answered, ItemKind, check, summary
from study.forms.rows import answer_row
from study.text import is_blank

# Of one item. More than a hand can do is kept as this.
MOST_CHANGES: Final = 1_000_000


@dataclass(frozen=True)
class FormSent:
    """What a page sends of a form.

    Args:
        form_id: Which.
        values: By item.
        touched: When each item was first touched.
        changes: How often each was changed.
    """

    form_id: str
    values: Mapping[str, Any]
    touched: Mapping[str, datetime] = field(default_factory=dict)
    changes: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class FormTaken:
    """A form that can be kept, or why it cannot.

    Args:
        row: Of `forms`; None where there is none of theirs.
        answered: What is wrong with its answers, and what they come to.
        files: Uploads among the answers.
    """

    row: Row | None
    answered: Answered = field(default_factory=lambda: Answered({}, {}))
    files: tuple[str, ...] = ()


async def take_form(record: Record, files: MessageFiles, spoken: Spoken, sent: FormSent) -> FormTaken:
    """Look at a form that a page sends.

    Returns:
        Its row and what the answers come to.
    """
    row = await form_row(record.database, sent.form_id)
    if row is None or row["thread_id"] != spoken.thread_id:
        return FormTaken(None)
    thread = await thread_row(record.database, spoken.thread_id)
    if thread is None or thread["participant_id"] != spoken.participant_id:
        return FormTaken(None)
    form, values = form_of(row), dict(sent.values)
    uploads = [item.id for item in form.asked if item.kind == ItemKind.FILE and item.id in values]
    for item_id in uploads:
        values[item_id] = await _known_files(files, spoken, values[item_id])
    answered = check(form, values)
    kept = [one for item_id in uploads for one in answered.values.get(item_id, ())]
    return FormTaken(row, answered, tuple(dict.fromkeys(kept)))


async def _known_files(files: MessageFiles, spoken: Spoken, given: Any) -> list[str]:
    """Those uploads that are this participant's; whatever else the page says is none."""
    ids = [one for one in given if isinstance(one, str) and is_uuid(one)] if isinstance(given, list) else []
    try:
        return list(await files.known(spoken.participant_id, spoken.message_id, ids))
    except WriteRefused:
        return []


def is_form_answer(message: Row) -> bool:
    """Whether a message is a form that was sent: its answers stand, and are not said otherwise."""
    return bool((message.get("metadata") or {}).get("answers_form"))


def said(spoken: Spoken, taken: FormTaken) -> Spoken:
    """The participant's message that a form makes; never without anything to be seen."""
    assert taken.row is not None
    words = summary(form_of(taken.row), taken.answered.values)
    return replace(spoken, text="–" if is_blank(words) else words, files=taken.files)


def form_writes(spoken: Spoken, sent: FormSent, taken: FormTaken, record: Record) -> list[Write]:
    """All that is kept when a form is sent.

    Args:
        spoken: As `said` has it.
        sent: What the page sent.
        taken: What came of that.
        record: Gives out the order.
    """
    assert taken.row is not None
    row, now = taken.row, record.now()
    form, values = form_of(row), taken.answered.values
    put_thread, put_step = spoken.writes(now)
    assert isinstance(put_thread, PutThread)
    message = put_step.row | {"metadata": {"answers_form": row["form_id"]}}  # type: ignore[union-attr]
    rows = tuple(
        answer_row(item, place, form, values)
        | {
            "answer_id": str(uuid.uuid4()),
            "form_id": row["form_id"],
            "thread_id": spoken.thread_id,
            "message_id": spoken.message_id,
            "connection_id": spoken.connection_id,
            "seq": record.take_order(),
            "form": row["name"],
            "changes": min(max(sent.changes.get(item.id, 0), 0), MOST_CHANGES),
            "shown_at": row["shown_at"],
            "first_touched_at": _within(sent.touched.get(item.id), row["shown_at"], now),
            "sent_at": now,
        }
        for place, item in enumerate(form.items, start=1)
        if item.is_asked
    )
    return [
        put_thread,
        AnswerForm(row["form_id"], message, dict(values), rows, now, by=spoken.participant_id),
    ]


async def show_form(record: Record, form_id: str, screen: Screen) -> None:
    """Show a form as it stands now."""
    row = await form_row(record.database, form_id)
    if row is not None:
        await screen.show_form(form_mark(row))


def _within(moment: datetime | None, first: datetime, last: datetime) -> datetime | None:
    """A browser's clock may be anything: what cannot be is brought to what can."""
    return None if moment is None else min(max(moment, first), last)
