"""What an agent is told: the turns so far, and where its reply will stand."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from agent.tools.keeping import ToolKeeping


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that a participant has attached to a message.

    Args:
        name: As the participant reads it.
        mime: By its content: image/png, image/jpeg, image/gif, image/webp, application/pdf, text/plain.
        sha256: Of its content.
        path: Where it lies; None when it is gone.
    """

    name: str
    mime: str
    sha256: str
    path: Path | None


@dataclass(frozen=True, slots=True)
class Utterance:
    """One thing said, as the agent sees it: the history is a sequence of these, oldest first.

    Its content may be empty when something is attached.

    Args:
        role: Who said it.
        content: Its words; of a form that was sent, its answers in words.
        attachments: What was attached.
        answers: What was answered, by item, where it is a form that was sent.
        form_id: Which form of the study, or of the agent, that was.
        at: When it was said, where that is known.
        intent_id: The intent that it belongs to, if any.
        turn: Which of the thread's turns it belongs to, where that is known.
    """

    role: Literal["user", "assistant"]
    content: str
    attachments: tuple[Attachment, ...] = ()
    answers: Mapping[str, Any] | None = None
    form_id: str | None = None
    at: datetime | None = field(default=None, compare=False)
    intent_id: str | None = None
    turn: int | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class IntentView:
    """An intent of the thread, as its record says.

    Args:
        intent_id: A UUID.
        name: As the study names it.
        title: As the participant reads it.
        status: "active", "completed" or "abandoned".
        parameters: Of the one that is under way; of a former one only where the study lets others know them.
        state: What the agent wants to remember of it; of the one that is under way alone.
        cause: Of its last move.
    """

    intent_id: str
    name: str
    title: str
    status: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    state: Mapping[str, Any] = field(default_factory=dict)
    cause: str = ""


@dataclass(frozen=True, slots=True)
class KeptCall:
    """A tool's call in an earlier turn, as the record has it.

    Args:
        name: The tool.
        arguments: JSON, as it was sent.
        output: JSON, as it came.
        is_error: Whether it failed.
        intent_id: The intent that it belongs to, if any.
        turn: Which of the thread's turns it belongs to.
        round: Calls of one turn that a model wanted at once have the same.
        is_whole: Whether it came to its end; of one that was broken off nobody knows whether it was done.
    """

    name: str
    arguments: str
    output: str
    is_error: bool = False
    intent_id: str | None = None
    turn: int = 0
    round: int = 0
    is_whole: bool = True


@dataclass(frozen=True, slots=True)
class ReplyContext:
    """What an agent may know of where it speaks.

    Args:
        thread_id: The thread, a UUID.
        run_id: The run that this reply belongs to, a UUID.
        participant_id: Whom it speaks with: a pseudonym.
        message_id: The participant's message that it answers.
        decision: That message as it now reads: the same when it is answered once more.
        keeping: Where tools keep what they need; None where nothing is kept.
        intent: The intent that is under way; for agents that keep intents, as are the next two.
        former: Earlier ones of the thread, oldest first.
        summary: What the study lets a new intent know of them, in words; empty for nothing.
        kept_calls: Reads what tools were called with in earlier turns, and answered, oldest first; only who
            asks pays for it.
        answers: Reads what its participant has answered in surveys, in words, by stage and item; likewise.
    """

    thread_id: str
    run_id: str
    participant_id: str = ""
    message_id: str = ""
    decision: str = ""
    keeping: ToolKeeping | None = None
    intent: IntentView | None = None
    former: tuple[IntentView, ...] = ()
    summary: str = ""
    kept_calls: Callable[[], Awaitable[Sequence[KeptCall]]] | None = None
    answers: Callable[[], Awaitable[Mapping[str, str]]] | None = None
