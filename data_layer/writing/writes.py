"""What can be written: plain values, so that a write can wait in a queue or in the journal."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from data_layer.database.rows import Row


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


@dataclass(frozen=True, slots=True)
class AppendAudit:
    """Add a line to the audit log; its place and its hashes are given where it is written.

    Args:
        at: When it was done.
        name: Who did it.
        action: What, in snake_case.
        researcher_id: None for a command of an operator's.
        target: To what: an id.
        details: What else there is to say; JSON.
    """

    at: datetime
    name: str
    action: str
    researcher_id: str | None = None
    target: str | None = None
    details: Row | None = None


@dataclass(frozen=True, slots=True)
class TakeCode:
    """Use up a researcher's one-time code; refused when it, or a later one, was taken before.

    Args:
        researcher_id: Whose.
        step: The code's time step (data_layer/people/totp.py).
    """

    researcher_id: str
    step: int


@dataclass(frozen=True, slots=True)
class Enter:
    """Make a participant for an identity that nobody bears yet, and let a browser hold whom nobody holds.

    Whoever bears the identity by then stays who they are, and so does whoever holds them; only what lacks
    is added. The outcome says who it is.

    Args:
        identity: A row of `identities`, under a participant_id that is taken where it is the first.
        participant: The participant's own row; its participant_id is the identity's.
        claim: A row of `identities` that claims them for a browser, likewise; None where nobody is claimed.
    """

    identity: Row
    participant: Row
    claim: Row | None = None


@dataclass(frozen=True, slots=True)
class PutCode:
    """A new version of the codebook: a code is added, changed, retired or brought back.

    Its number is given where it is written; refused when another living code bears the name, when a code
    is to be changed that does not live, or when nothing would be another.

    Args:
        code_id: Which.
        at: When it was called for.
        researcher_id: Who makes it.
        author: Their name, as it reads now.
        changes: name with name_key, definition, colour, parent_id, place: what is to be another; all of them
            but the place for a new code.
        creates: A new code.
        retired: Whether it can be given no more.
    """

    code_id: str
    at: datetime
    researcher_id: str
    author: str
    changes: Row = field(default_factory=dict)
    creates: bool = False
    retired: bool = False


@dataclass(frozen=True, slots=True)
class PutAnnotation:
    """Add a row of `annotations`; what it replaces is gone with that.

    Refused when there is no such thread, or its participant has withdrawn.
    """

    row: Row


@dataclass(frozen=True, slots=True)
class FinishCoding:
    """A coder says that a thread is coded, or that it is not after all.

    Refused when the thread is not theirs to code, or its participant has withdrawn. Said again it bears the
    later moment: they have read what has come since.

    Args:
        thread_id: The thread.
        researcher_id: Who says so.
        at: When.
        finished: False takes it back.
    """

    thread_id: str
    researcher_id: str
    at: datetime
    finished: bool = True


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Erase a participant and all that they said; of their threads empty rows stay (erasure.py).

    Args:
        participant_id: The pseudonym. Nothing can be written under it any more.
        withdrawal_id: Of the tombstone, and of the participant's receipt.
        at: When it was asked for.
        requested_by: "participant" or "researcher".
        researcher_id: Which researcher, when it was one.
    """

    participant_id: str
    withdrawal_id: str
    at: datetime
    requested_by: str
    researcher_id: str | None = None


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
    | InsertRow
    | PatchRow
    | AppendAudit
    | TakeCode
    | Enter
    | PutCode
    | PutAnnotation
    | FinishCoding
    | Withdraw
)
