"""What can be written of intents, as writes.py has it."""

from dataclasses import dataclass
from datetime import datetime

from data_layer.database.rows import Row


@dataclass(frozen=True, slots=True)
class MoveIntent:
    """Move an intent: it begins, changes, is continued, completed or abandoned.

    Whether it can is study/intents.py's to say, where this is written: of two that end it at once one does.

    Args:
        thread_id: Where it is.
        intent_id: Which.
        move: A study.intents.IntentMove.
        cause: Why.
        at: When.
        by: The participant in whose name it is done; None is the app itself.
        run_id: In which it happens, when it does in one.
        message_id: The participant's message that is answered.
        connection_id: Whose doing it was.
        begins: Of a new one: agent, name, title, score.
        parameters: Of one that changes.
        agent_state: Likewise.
        idle_since: Only while its participant has not written after this moment.
    """

    thread_id: str
    intent_id: str
    move: str
    cause: str
    at: datetime
    by: str | None = None
    run_id: str | None = None
    message_id: str | None = None
    connection_id: str | None = None
    begins: Row | None = None
    parameters: Row | None = None
    agent_state: Row | None = None
    idle_since: datetime | None = None
