"""Which messages that a participant has removed a researcher can bring back, and why not the others.

What left the screen by an edit, an answer anew or a walk is a branch, and its participant's to walk to:
bringing back a row of it would mix two branches on one screen. What was removed alone bears no branch's
name. An answer comes back where the run that gave it stands; of a participant's message the record does
not say which branch it stood in, so it comes back only where the conversation has none.
"""

from collections.abc import Collection, Iterable
from typing import Final

from data_layer.database.rows import Row
from study.reasons import Reason
from study.vocabulary import StepType

REMOVED: Final = "removed"


def why_not(step: Row, thread: Row, runs: Iterable[Row], *, has_branches: bool) -> Reason | None:
    """Why a step that is off the screen cannot be brought back; None when it can.

    Args:
        step: Of `steps`, deleted.
        thread: Where it stands.
        runs: All of the thread.
        has_branches: Whether a message of the thread was ever said otherwise, or answered anew.
    """
    if thread["deleted_at"] is not None:
        return Reason.THREAD_DELETED
    if step["deleted_because"] != REMOVED or step["deleted_by"] is None:
        return Reason.NOT_REMOVED_BY_OWNER
    if step["deleted_by"] != thread["participant_id"]:
        return Reason.NOT_REMOVED_BY_OWNER
    if step["type"] != StepType.USER_MESSAGE.value and step["run_id"] is not None:
        stands = any(run["run_id"] == step["run_id"] and run["deleted_at"] is None for run in runs)
        return None if stands else Reason.QUESTION_OFF_SCREEN
    if has_branches:
        return Reason.BRANCH_NOT_KNOWN
    return None


def has_branches(steps: Collection[Row], runs: Iterable[Row], revisions: Iterable[Row]) -> bool:
    """Whether rows of a thread say that it has branches.

    Args:
        steps: All of the thread.
        runs: Likewise.
        revisions: Likewise.
    """
    theirs = {step["step_id"] for step in steps if step["type"] == StepType.USER_MESSAGE.value}
    edited = any(one["revision"] > 1 and one["step_id"] in theirs for one in revisions)
    return edited or any(row["branch"] for row in (*steps, *runs))
