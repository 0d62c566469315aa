"""What a participant says, on its way into the record."""

from dataclasses import dataclass
from datetime import datetime

from data_layer.database.rows import Row
from data_layer.writing.writes import PutStep, PutThread, Write
from study.text import storable
from study.vocabulary import PARTICIPANT_AUTHOR, Status, StepType


@dataclass(frozen=True)
class Spoken:
    """A participant has sent a message.

    Args:
        agent: The agent that was chosen on the page, for a thread that has none yet.
        files: What is attached, by the ids of their uploads.
    """

    thread_id: str
    participant_id: str
    message_id: str
    text: str
    agent: str | None = None
    connection_id: str | None = None
    files: tuple[str, ...] = ()

    def writes(self, now: datetime, names: str = "") -> list[Write]:
        """The thread, when it is new, and the message.

        Args:
            now: The time.
            names: Of the files; a thread that begins without words is called by them.
        """
        row: Row = {
            "step_id": self.message_id,
            "thread_id": self.thread_id,
            "connection_id": self.connection_id,
            "type": StepType.USER_MESSAGE.value,
            "name": PARTICIPANT_AUTHOR,
            "status": Status.COMPLETE.value,
            "output": self.text,
        }
        return [
            PutThread(self.thread_id, self.participant_id, now, self.text.strip() or names, self.agent),
            PutStep(row, now, by=self.participant_id, creates=True),
        ]

    def unfolded(self, now: datetime) -> Row:
        """The message while it waits in the journal, as far as it is known."""
        return {
            "step_id": self.message_id,
            "thread_id": self.thread_id,
            "type": StepType.USER_MESSAGE.value,
            "name": PARTICIPANT_AUTHOR,
            "output": storable(self.text),
            "created_at": now,
            "turn": None,
            "revision": 1,
        }
