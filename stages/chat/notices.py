"""Lines of the app's own in a thread."""

import uuid
from dataclasses import dataclass
from typing import Final

from data_layer.database.rows import Row
from data_layer.record import Record
from data_layer.writing.writes import PutStep
from stages.screen import Screen
from study.vocabulary import APP_NAME, Status, StepType

# By the error_type of a run that failed: what its participant reads, where it is not the usual sentence.
_SENTENCES: Final = {
    "empty_answer": "chat.empty_answer",
    "circuit_open": "chat.agent_away",
    "too_many_rounds": "chat.too_many_rounds",
    "calls_not_understood": "chat.not_understood",
}


@dataclass(frozen=True)
class LeftUnanswered:
    """A message whose answer broke off.

    Args:
        message_id: The participant's.
        notice_id: The line under it that says so.
        is_new: It was said just now, and shown to all who look.
    """

    message_id: str
    notice_id: str
    is_new: bool = False


def sentence_of(error: Exception | None) -> str:
    """Which of the app's sentences says that an answer failed.

    Args:
        error: Why it did.
    """
    return _SENTENCES.get(getattr(error, "error_type", ""), "chat.agent_failed")


async def notice(record: Record, message: Row, text: str, screen: Screen, *, retry: bool = False) -> Row:
    """Say something under a participant's message, and keep it: it stood on the screen.

    Args:
        message: The message, a row of `steps`.
        text: What the participant reads.
        screen: Where.
        retry: Put a Retry under it.

    Returns:
        The row of the notice.
    """
    now = record.now()
    row: Row = {
        "step_id": str(uuid.uuid4()),
        "thread_id": message["thread_id"],
        "turn": message.get("turn"),
        "type": StepType.SYSTEM_MESSAGE.value,
        "name": APP_NAME,
        "status": Status.COMPLETE.value,
        "output": text,
        "created_at": now,
    }
    await record.writer.submit(PutStep(row, now, creates=True))
    await screen.show(row)
    if retry:
        await screen.offer_retry(row["step_id"], message["step_id"])
    return row


async def interrupted(record: Record, message: Row, screen: Screen) -> Row:
    """Say under a message that its answer was interrupted."""
    return await notice(record, message, screen.strings("chat.agent_interrupted"), screen, retry=True)


async def delayed(record: Record, message: Row, screen: Screen) -> None:
    """The message waits in the journal, which does not fold: there is no history to answer from."""
    await screen.say(screen.strings("chat.saving_delayed"))
    await notice(record, message, screen.strings("chat.agent_failed"), screen, retry=True)
