"""What became of writes that belong together."""

from dataclasses import dataclass, field

from data_layer.database.rows import Row
from study.reasons import Reason, reason_in_words


@dataclass
class Outcome:
    """What became of a unit of writes.

    Args:
        reason: Why a write was refused, when one was; the others of its unit went in.
        detail: What else there is to say of that.
        journaled: It waits, fsynced, in the local journal because the database is away; or it went in
            while nobody heard what became of it.
        step: The last step that the unit put, as it now stands.
        thread: The last thread that the unit made sure of, likewise.
        gone: Steps that left the screen.
        archived: Threads that made room for another: thread_id and title of each.
        left_form: The form that its participant passed over with a message.
        participant_id: Who came in last.
        claimed: Their browser is the first that holds them.
        decision: The last decision of a tool that the unit began, as it now stands.
    """

    reason: Reason | None = None
    detail: str = ""
    journaled: bool = False
    step: Row | None = None
    thread: Row | None = None
    participant_id: str | None = None
    claimed: bool = False
    decision: Row | None = None
    gone: list[str] = field(default_factory=list)
    archived: list[Row] = field(default_factory=list)
    left_form: str | None = None

    @property
    def refused(self) -> str | None:
        """Why a write was refused, in words for the log and the record; None when none was."""
        return None if self.reason is None else reason_in_words(self.reason, self.detail)
