"""A message that its participant has removed comes back to the screen, by a researcher's hand."""

from data_layer.writing.apply.branches import LIVING, set_run, set_step
from data_layer.writing.restore import REMOVED, why_not
from data_layer.writing.state import State, event_of, own_thread
from data_layer.writing.writes import ReturnMessage
from study.errors import WriteRefused
from study.reasons import Reason
from study.vocabulary import StepType


def return_message(state: State, order: int, write: ReturnMessage) -> None:
    """Bring a message back, with the runs that left with it; one that stands stays as it is.

    Raises:
        WriteRefused: There is no such message, or it cannot come back (writing/restore.py says which can).
    """
    thread = own_thread(state, write.thread_id, None)
    step = state.steps.get(write.message_id)
    if thread is None or step is None or step["thread_id"] != write.thread_id:
        raise WriteRefused(Reason.NO_MESSAGE)
    if step["deleted_at"] is None:
        return
    runs = [run for run in state.runs.values() if run["thread_id"] == write.thread_id]
    if why := why_not(step, thread, runs, has_branches=write.thread_id in state.parted):
        raise WriteRefused(why)
    for run in runs:
        left_with_it = run["message_id"] == write.message_id and run["deleted_at"] == step["deleted_at"]
        if left_with_it and run["deleted_because"] == REMOVED:
            set_run(state, run, LIVING)
    # A write that was called for before this one is late from now on, and only fills gaps.
    set_step(state, step, LIVING | {"version": max(step["version"], order)})
    if step["type"] == StepType.USER_MESSAGE and (turn := step["turn"]) is not None:
        # Others may stand behind it.
        state.last_turns[write.thread_id] = max(state.last_turns.get(write.thread_id, turn), turn)
    payload = {"researcher_id": write.researcher_id}
    event = event_of(thread, order, "message_returned", write.at, payload)
    state.events.append(event | {"target": write.message_id})
