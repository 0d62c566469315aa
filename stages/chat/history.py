"""What stands in a thread, as the chat stage needs to know it: always from the database."""

from dataclasses import dataclass
from typing import Final, Literal

from sqlalchemy import select

from agent.base import Utterance
from data_layer import schema, threads
from data_layer.engine import Database
from data_layer.files import FileStore
from data_layer.writes import Row
from stages.attachments import attachments_of
from study.vocabulary import Status, StepType

_ROLES: Final[dict[str, Literal["user", "assistant"]]] = {
    StepType.USER_MESSAGE.value: "user",
    StepType.ASSISTANT_MESSAGE.value: "assistant",
}
_LEFT: Final = (Status.INTERRUPTED.value, Status.FAILED.value)
_ANSWERED: Final = (Status.COMPLETE.value, Status.STOPPED.value)


@dataclass(frozen=True)
class Asked:
    """A message that is to be answered.

    Args:
        turns: All turns before it, oldest first, and the message as the last one.
        left: An answer that failed or was interrupted still stands under it.
    """

    turns: list[Utterance]
    left: bool


async def what_to_answer(database: Database, files: FileStore, message: Row, longest: int) -> Asked | None:
    """What an agent gets.

    Args:
        files: Where attached ones lie.
        message: The participant's, a row of `steps`.
        longest: Characters of a participant's message that an agent gets; a notice says so of longer ones.

    Returns:
        None when an answer to it stands already, or the participant has gone on after one that
        failed: a message that is sent twice is answered once.
    """
    async with database.engine.connect() as connection:
        runs = await threads.runs_of_message(connection, message["step_id"])
        if any(run["status"] in _ANSWERED for run in runs):
            return None
        said = await threads.conversation(connection, message["thread_id"])
        attached = await attachments_of(connection, files, message["thread_id"])
    turn = message["turn"] or 0
    if runs and any(row["type"] == StepType.USER_MESSAGE and (row["turn"] or 0) > turn for row in said):
        # A late copy: to answer it anew would take the turns after it off the screen.
        return None
    before = [row for row in said if (row["turn"] or 0) < turn and row["step_id"] != message["step_id"]]
    before.sort(key=lambda row: (row["turn"] or 0, row["seq"]))
    turns = [
        Utterance(_ROLES[row["type"]], row["output"], attached.get(row["step_id"], ()))
        for row in before
        if row["type"] != StepType.USER_MESSAGE or len(row["output"]) <= longest
    ]
    last = Utterance("user", message["output"], attached.get(message["step_id"], ()))
    return Asked([*turns, last], bool(runs))


async def is_noticed(database: Database, message: Row) -> bool:
    """Whether a notice of the app's own stands under a participant's message."""
    steps = schema.steps
    query = (
        select(steps.c.step_id)
        .where(steps.c.thread_id == message["thread_id"], steps.c.deleted_at.is_(None))
        .where(steps.c.type == StepType.SYSTEM_MESSAGE.value, steps.c.turn == message["turn"])
    )
    async with database.engine.connect() as connection:
        return await connection.scalar(query.limit(1)) is not None


async def last_message_id(database: Database, thread_id: str) -> str | None:
    """The participant's last living message."""
    async with database.engine.connect() as connection:
        said = await threads.conversation(connection, thread_id)
    spoken = [row["step_id"] for row in said if row["type"] == StepType.USER_MESSAGE]
    return spoken[-1] if spoken else None


async def unanswered(database: Database, thread_id: str, longest: int) -> tuple[Row, str | None] | None:
    """The participant's last message, when its answer failed or never came.

    Args:
        longest: Characters of a message that an agent gets; a longer one waits for no answer.

    Returns:
        The message, and the notice that already stands under it, if one does.
    """
    steps = schema.steps
    living = select(steps).where(steps.c.thread_id == thread_id, steps.c.deleted_at.is_(None))
    spoken = living.where(steps.c.type == StepType.USER_MESSAGE.value).order_by(steps.c.seq.desc())
    async with database.engine.connect() as connection:
        last = (await connection.execute(spoken.limit(1))).mappings().first()
        if last is None:
            return None
        message = dict(last)
        runs = await threads.runs_of_message(connection, message["step_id"])
        said = living.where(steps.c.type == StepType.SYSTEM_MESSAGE.value, steps.c.seq > message["seq"])
        notices = said.with_only_columns(steps.c.step_id).order_by(steps.c.seq.desc())
        notice_id: str | None = await connection.scalar(notices.limit(1))
    if runs and runs[-1]["status"] not in _LEFT:
        return None
    if len(message["output"]) > longest:
        return None
    return message, notice_id
