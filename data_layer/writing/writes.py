"""What can be written: plain values, so that a write can wait in a queue or in the journal."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from data_layer.database.rows import Row
from data_layer.writing.coding_writes import FinishCoding, PutAnnotation, PutCode
from data_layer.writing.form_writes import AnswerForm, PutForm
from data_layer.writing.intent_writes import MoveIntent
from data_layer.writing.people_writes import AppendAudit, Enter, TakeCode, Withdraw
from data_layer.writing.protocol_writes import (
    BeginParticipation,
    MoveParticipation,
    ReopenPlace,
    ResumePlace,
)
from data_layer.writing.tool_writes import BeginTool, EndTool, PutToolRecord


@dataclass(frozen=True, slots=True)
class PutStep:
    """Create or update one row of `steps`.

    Args:
        row: Columns of `steps`; a missing or None value means "not known", never "empty it".
            `step_id` and `thread_id` are required.
        by: The participant in whose name it is written; refused when the thread is another's.
            None is the app itself.
        creates: A create fills gaps of a row that is already there; an update overwrites.
        at: When it was called for.
    """

    row: Row
    at: datetime
    by: str | None = None
    creates: bool = False


@dataclass(frozen=True, slots=True)
class DeleteSteps:
    """Take steps off the screen, and the runs under them; the rows stay.

    Args:
        thread_id: Where they must be.
        step_ids: Which; unknown ones are passed over.
        after_seq: All living steps of the thread behind this one as well, when given.
        because: "edited", "removed" or "retried".
        runs_of: Participant's messages whose runs so far leave the screen as well.
        branch: What they can be brought back by (ShowBranch): a run, or a participant's message, to which
            the revision is added that it has when this is applied, before a new one is put.
    """

    step_ids: tuple[str, ...]
    at: datetime
    because: str
    thread_id: str | None = None
    by: str | None = None
    after_seq: int | None = None
    runs_of: tuple[str, ...] = ()
    branch: str | None = None


@dataclass(frozen=True, slots=True)
class ShowBranch:
    """Bring back a branch of a thread; what stands behind the message leaves the screen, as a branch too.

    Args:
        thread_id: The thread.
        message_id: The participant's message where the two part; it stands on the screen.
        by: Whose thread it must be.
        revision: The state of the message that is shown, with all that followed it as it then read.
        run_id: The run whose reply is shown, with all that followed it; the message stays as it reads.
    """

    thread_id: str
    message_id: str
    at: datetime
    by: str | None = None
    revision: int | None = None
    run_id: str | None = None


@dataclass(frozen=True, slots=True)
class PutThread:
    """Make sure that a thread is there. One that is there already keeps its title and owner."""

    thread_id: str
    participant_id: str
    at: datetime
    title: str = ""
    agent: str | None = None
    tags: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class RenameThread:
    """Give a thread a title of the participant's choice."""

    thread_id: str
    title: str
    at: datetime
    by: str | None = None


@dataclass(frozen=True, slots=True)
class MergeThreadMetadata:
    """Merge into a living thread's metadata; None deletes a key. Never makes a thread."""

    thread_id: str
    changes: Row
    at: datetime
    tags: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class DeleteThread:
    """Take a thread off the participant's list; the rows stay."""

    thread_id: str
    at: datetime
    by: str | None = None


@dataclass(frozen=True, slots=True)
class RestoreThread:
    """Bring a thread back that its participant has deleted; what anybody else has deleted stays away."""

    thread_id: str
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class UnarchiveThread:
    """Bring an archived thread back to its participant's list; another may be archived for it."""

    thread_id: str
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class ReturnThread:
    """A researcher brings back a thread that its participant has deleted, to that participant's list.

    What nobody or anybody else has deleted stays away: a withdrawal is not a researcher's to undo.
    """

    thread_id: str
    at: datetime
    researcher_id: str


@dataclass(frozen=True, slots=True)
class ReturnMessage:
    """A researcher brings back a message that its participant has removed, to that participant's screen.

    What left the screen with a branch is the participant's to walk to (ShowBranch), and stays away.
    """

    thread_id: str
    message_id: str
    at: datetime
    researcher_id: str


@dataclass(frozen=True, slots=True)
class TagThread:
    """Set a thread's tags, all of them."""

    thread_id: str
    tags: tuple[str, ...]
    at: datetime
    by: str | None = None


@dataclass(frozen=True, slots=True)
class InsertRow:
    """Add a row to an append-only table; a key that is there already stays as it is.

    Args:
        by: The participant in whose thread it must stand; refused when the thread is another's.
            None is the app itself.
    """

    table: str
    row: Row
    by: str | None = None


@dataclass(frozen=True, slots=True)
class PatchRow:
    """Set columns of one row. Other columns keep what they hold.

    Args:
        while_null: Only while this column is still null, when given: what ended once stays ended.
    """

    table: str
    key: Row
    changes: Row = field(default_factory=dict)
    while_null: str | None = None


Write: TypeAlias = (
    PutStep
    | DeleteSteps
    | ShowBranch
    | PutThread
    | RenameThread
    | MergeThreadMetadata
    | DeleteThread
    | RestoreThread
    | ReturnThread
    | ReturnMessage
    | TagThread
    | UnarchiveThread
    | PutForm
    | AnswerForm
    | BeginTool
    | EndTool
    | PutToolRecord
    | InsertRow
    | PatchRow
    | MoveIntent
    | AppendAudit
    | TakeCode
    | Enter
    | BeginParticipation
    | MoveParticipation
    | ReopenPlace
    | ResumePlace
    | PutCode
    | PutAnnotation
    | FinishCoding
    | Withdraw
)
