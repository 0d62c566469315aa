"""Which messages that a participant has removed a researcher can bring back, and why not the others.

What left the screen by an edit, an answer anew or a walk is a branch, and its participant's to walk to:
bringing back a row of it would mix two branches on one screen. What was removed alone bears no branch's
name. An answer comes back where the run that gave it stands; of a participant's message the record does
not say which branch it stood in, so it comes back only where the conversation has none.
"""

from collections.abc import Iterable
from typing import Final

from data_layer.writes import Row
from study.vocabulary import StepType

REMOVED: Final = "removed"


def why_not(step: Row, thread: Row, steps: Iterable[Row], runs: Iterable[Row]) -> str:
    """Why a step that is off the screen cannot be brought back; empty when it can.

    Args:
        step: Of `steps`, deleted.
        thread: Where it stands.
        steps: Of the thread: at least those that bear a branch's name or were said otherwise.
        runs: All of the thread.
    """
    if thread["deleted_at"] is not None:
        return "the conversation was deleted"
    if step["deleted_because"] != REMOVED or step["deleted_by"] is None:
        return "it was not removed by its participant"
    if step["deleted_by"] != thread["participant_id"]:
        return "it was not removed by its participant"
    if step["type"] != StepType.USER_MESSAGE.value and step["run_id"] is not None:
        stands = any(run["run_id"] == step["run_id"] and run["deleted_at"] is None for run in runs)
        return "" if stands else "what it answered does not stand on the screen"
    parted = any(one["branch"] or (one["revision"] > 1 and _is_said_by_them(one)) for one in steps)
    if parted or any(run["branch"] for run in runs):
        return "the conversation has branches, and the record does not say which of them it stood in"
    return ""


def _is_said_by_them(step: Row) -> bool:
    return bool(step["type"] == StepType.USER_MESSAGE.value)
