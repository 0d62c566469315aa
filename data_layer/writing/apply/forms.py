"""A thread's one open form: how it opens, and the two ways in which it ends.

`threads.open_form_id` names it, so that a message of a thread without one costs nothing more. It closes
with the next message of the participant's, whether that is its answer or not, and with its reply's leaving
the screen. Left that way it opens again when it comes back as the last thing said (reopen).
"""

from datetime import datetime
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.engine import Connection

from data_layer.database import schema
from data_layer.database.rows import Row, rows_of
from data_layer.writing.form_writes import AnswerForm
from data_layer.writing.state import State
from data_layer.writing.writes import ShowBranch
from study.errors import WriteRefused
from study.reasons import Reason
from study.vocabulary import MESSAGE_TYPES, FormState, StepType

TYPED: Final = "typed"
MOVED: Final = "moved"
_forms: Final = schema.forms


def open_form(state: State, row: Row) -> Row:
    """A form stands under its reply.

    Returns:
        Its row, as it is to be kept.
    """
    thread = state.threads.get(row["thread_id"])
    if thread is None:
        return row
    if state.last_turns.get(row["thread_id"], 0) > (row["turn"] or 0):
        closed = {"state": FormState.LEFT.value, "left_because": TYPED, "closed_at": row["shown_at"]}
        return row | closed
    leave_form(state, thread, row["shown_at"], TYPED)
    thread["open_form_id"] = row["form_id"]
    state.changed_threads.add(thread["thread_id"])
    return row


def leave_form(state: State, thread: Row, at: datetime, because: str) -> None:
    """A thread's open form is left, when it has one."""
    form_id = thread["open_form_id"]
    if form_id is None:
        return
    thread["open_form_id"] = None
    state.changed_threads.add(thread["thread_id"])
    left = {"state": FormState.LEFT.value, "left_because": because, "closed_at": at}
    state.left_forms[form_id] = left


def answer_form(connection: Connection, thread: Row | None, write: AnswerForm) -> None:
    """A thread's open form is answered. At once, so that of two processes one hears that it comes second.

    Raises:
        WriteRefused: It is not open in this thread.
    """
    if thread is None or thread["open_form_id"] != write.form_id:
        raise WriteRefused(Reason.FORM_CLOSED)
    answered = {
        "state": FormState.ANSWERED.value,
        "answers": write.answers,
        "closed_at": write.at,
        "answered_by_message": write.message["step_id"],
    }
    mine = (_forms.c.form_id == write.form_id) & (_forms.c.state == FormState.OPEN.value)
    if connection.execute(update(_forms).where(mine).values(answered)).rowcount != 1:
        raise WriteRefused(Reason.FORM_CLOSED)
    thread["open_form_id"] = None


def reopen(connection: Connection, state: State, write: ShowBranch) -> None:
    """After a walk: the form under what now stands last opens again, if a walk or an edit had left it."""
    thread = state.threads.get(write.thread_id)
    living = [
        step
        for step in state.steps.values()
        if step is not None
        and step["thread_id"] == write.thread_id
        and step["deleted_at"] is None
        and step["type"] in MESSAGE_TYPES
    ]
    last = max(living, key=lambda step: int(step["seq"]), default=None)
    form_id = form_under(last) if last is not None else None
    if thread is None or form_id is None or last is None or last["type"] != StepType.ASSISTANT_MESSAGE:
        return
    query = select(_forms).where(_forms.c.form_id == form_id, _forms.c.left_because == MOVED)
    if form_id not in state.left_forms and not rows_of(connection, query):
        return
    state.left_forms.pop(form_id, None)
    opened = {"state": FormState.OPEN.value, "left_because": None, "closed_at": None}
    connection.execute(update(_forms).where(_forms.c.form_id == form_id).values(opened))
    thread["open_form_id"] = form_id
    state.changed_threads.add(thread["thread_id"])


def form_under(step: Row) -> str | None:
    """The form that stands under a reply."""
    found = (step["metadata"] or {}).get("form_id")
    return found if isinstance(found, str) else None
