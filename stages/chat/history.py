"""What stands in a thread, as the chat stage needs to know it: always from the database."""

from dataclasses import dataclass
from typing import Final, Literal

from sqlalchemy import Connection, bindparam, select

from agent.context import Attachment, Utterance
from data_layer.conversations import threads
from data_layer.conversations.forms import answers_of
from data_layer.database import schema
from data_layer.database.engine import Database
from data_layer.database.files import FileStore
from data_layer.database.rows import Row, rows_of
from stages.chat.attachments import attachments_of
from study.text import is_blank
from study.vocabulary import Status, StepType

_ROLES: Final[dict[str, Literal["user", "assistant"]]] = {
    StepType.USER_MESSAGE.value: "user",
    StepType.ASSISTANT_MESSAGE.value: "assistant",
}
_LEFT: Final = (Status.INTERRUPTED.value, Status.FAILED.value)
_ANSWERED: Final = (Status.COMPLETE.value, Status.STOPPED.value)


@dataclass(frozen=True)
class Question:
    """A message that is to be answered.

    Args:
        turns: All turns before it, oldest first, and the message as the last one.
        left: An answer that failed or was interrupted still stands under it.
    """

    turns: list[Utterance]
    left: bool


async def what_to_answer(database: Database, files: FileStore, message: Row, longest: int) -> Question | None:
    """What an agent gets.

    Args:
        files: Where attached ones lie.
        message: The participant's, a row of `steps`.
        longest: Characters of a participant's message that an agent gets; a notice says so of longer ones.

    Returns:
        None when an answer to it stands already, it has left the screen, or the participant has gone on after
        one that failed: a message that is sent twice is answered once.
    """
    found = await database.read(lambda connection: _so_far(connection, files, message))
    if found is None:
        return None
    runs, said, attached, answers = found
    if all(row["step_id"] != message["step_id"] for row in said):
        return None  # Another page has edited what stands before it, while it waited for its turn.
    turn = message["turn"] or 0
    if runs and any(row["type"] == StepType.USER_MESSAGE and (row["turn"] or 0) > turn for row in said):
        # A late copy: to answer it anew would take the turns after it off the screen.
        return None
    before = [row for row in said if (row["turn"] or 0) < turn and row["step_id"] != message["step_id"]]
    before.sort(key=lambda row: (row["turn"] or 0, row["seq"]))
    turns = [
        _utterance(row, attached, answers)
        for row in before
        if row["type"] != StepType.USER_MESSAGE or len(row["output"]) <= longest or row["step_id"] in answers
        if row["step_id"] in attached or not is_blank(row["output"])
    ]
    last = _utterance(message, attached, answers)
    return Question([*turns, last], bool(runs))


def _utterance(row: Row, attached: dict[str, tuple[Attachment, ...]], answers: dict[str, Row]) -> Utterance:
    form = answers.get(row["step_id"])
    return Utterance(
        _ROLES[row["type"]],
        row["output"],
        attached.get(row["step_id"], ()),
        form["answers"] if form else None,
        form["name"] if form else None,
        intent_id=row.get("intent_id"),
        at=row["created_at"],
        turn=row["turn"],
    )


def _so_far(
    connection: Connection, files: FileStore, message: Row
) -> tuple[list[Row], list[Row], dict[str, tuple[Attachment, ...]], dict[str, Row]] | None:
    """What answers a message, what was said, what was attached to it and answered in forms.

    Returns:
        None once it is answered.
    """
    runs = threads.runs_of_message(connection, message["step_id"])
    if any(run["status"] in _ANSWERED for run in runs):
        return None
    said = threads.conversation(connection, message["thread_id"])
    thread_id = message["thread_id"]
    attached = attachments_of(connection, files, thread_id)
    return runs, said, attached, answers_of(connection, thread_id, said)


def is_too_long(message: Row, longest: int) -> bool:
    """Whether an agent does not get a message. A form was held to its own bounds."""
    return len(message["output"]) > longest and not (message.get("metadata") or {}).get("answers_form")


async def is_noticed(database: Database, message: Row) -> bool:
    """Whether a notice of the app's own stands under a participant's message."""
    steps = schema.steps
    query = (
        select(steps.c.step_id)
        .where(steps.c.thread_id == message["thread_id"], steps.c.deleted_at.is_(None))
        .where(steps.c.type == StepType.SYSTEM_MESSAGE.value, steps.c.turn == message["turn"])
    )
    return await database.read(lambda connection: connection.scalar(query.limit(1))) is not None


async def last_message_id(database: Database, thread_id: str) -> str | None:
    """The participant's last living message."""
    said = await database.read(lambda connection: threads.conversation(connection, thread_id))
    spoken = [row["step_id"] for row in said if row["type"] == StepType.USER_MESSAGE]
    return spoken[-1] if spoken else None


@dataclass(frozen=True)
class LastSpoken:
    """A participant's last message in a thread, and what became of it.

    Args:
        message: Its row.
        runs: What answers it.
        notice_id: The last notice under it, if one stands there.
    """

    message: Row
    runs: list[Row]
    notice_id: str | None

    @property
    def is_being_answered(self) -> bool:
        """Whether a reply to it is under way, by whichever process."""
        return bool(self.runs) and self.runs[-1]["status"] == Status.STREAMING

    def is_left(self, longest: int) -> bool:
        """Whether its answer failed or never came, of a message with so many characters at most."""
        if self.runs and self.runs[-1]["status"] not in _LEFT:
            return False
        return not is_too_long(self.message, longest)


async def last_spoken(database: Database, thread_id: str) -> LastSpoken | None:
    """The last that a participant said in a thread; None while nothing was."""
    return await database.read(lambda connection: _last(connection, thread_id))


async def unanswered(database: Database, thread_id: str, longest: int) -> tuple[Row, str | None] | None:
    """The participant's last message, when its answer failed or never came.

    Args:
        longest: Characters of a message that an agent gets; a longer one waits for no answer.

    Returns:
        The message, and the notice that already stands under it, if one does.
    """
    last = await last_spoken(database, thread_id)
    return (last.message, last.notice_id) if last is not None and last.is_left(longest) else None


def _last(connection: Connection, thread_id: str) -> LastSpoken | None:
    found = rows_of(connection, _SPOKEN, {"thread": thread_id})
    if not found:
        return None
    message = found[0]
    notice: str | None = connection.scalar(_NOTICE, {"thread": thread_id, "after": message["seq"]})
    return LastSpoken(message, threads.runs_of_message(connection, message["step_id"]), notice)


# Built once: every page that connects to its thread asks them.
_steps = schema.steps
_LIVING: Final = (_steps.c.thread_id == bindparam("thread")) & _steps.c.deleted_at.is_(None)
_SPOKEN: Final = (
    select(_steps)
    .where(_LIVING, _steps.c.type == StepType.USER_MESSAGE.value)
    .order_by(_steps.c.seq.desc())
    .limit(1)
)
_NOTICE: Final = (
    select(_steps.c.step_id)
    .where(_LIVING, _steps.c.type == StepType.SYSTEM_MESSAGE.value, _steps.c.seq > bindparam("after"))
    .order_by(_steps.c.seq.desc())
    .limit(1)
)
