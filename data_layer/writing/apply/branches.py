"""What leaves the screen of a thread, and what comes back: the branches of a conversation.

The living rows of a thread, by `seq`, are the path that the participant sees. Of two messages said at once
the second stands before the first one's answer, which does not follow it. What leaves the path bears the name
of its branch: "<message_id>/<revision>" for what followed a message as it then read, "<run_id>" for a reply
and what followed it. Rows that had left by a walk further down bear another name and stay away, so that a
branch comes back exactly as it was left.
"""

from typing import Final

from data_layer.database.rows import Row
from data_layer.writing.apply import intents
from data_layer.writing.apply.forms import MOVED, form_under, leave_form
from data_layer.writing.apply.steps import index_message
from data_layer.writing.state import State, event_of, own_thread
from data_layer.writing.writes import DeleteSteps, ShowBranch
from study.errors import WriteRefused
from study.reasons import Reason
from study.vocabulary import MESSAGE_TYPES, StepType

SWITCHED: Final = "switched"
# What stands on the screen.
LIVING: Final[Row] = {"deleted_at": None, "deleted_by": None, "deleted_because": None, "branch": None}


def delete_steps(state: State, write: DeleteSteps) -> list[str]:
    """Take steps off the screen, with the runs under a participant's message.

    Returns:
        The ids that left the screen by this write.

    Raises:
        WriteRefused: A step is in another thread than the write says, or the thread is another's.
    """
    meant = _meant(state, write)
    for step in meant:
        if write.thread_id is not None and step["thread_id"] != write.thread_id:
            raise WriteRefused(Reason.STEP_ELSEWHERE)
        own_thread(state, step["thread_id"], write.by)
    living = [step for step in meant if step["deleted_at"] is None]
    leaves = {"deleted_at": write.at, "deleted_by": write.by, "deleted_because": write.because}
    leaves["branch"] = _branch_name(state, write.branch)
    for step in living:
        set_step(state, step, leaves)
    messages = {step["step_id"] for step in living if step["type"] == StepType.USER_MESSAGE}
    _runs_leave(state, {*messages, *write.runs_of}, leaves)
    if write.after_seq is not None:
        count_turns(state, living)
        intents.leave(state, write.thread_id, write.after_seq, leaves)
        for message_id in write.runs_of:
            intents.reread(state, state.steps.get(message_id))
    return [step["step_id"] for step in living]


def show_branch(state: State, order: int, write: ShowBranch) -> None:
    """Bring back a branch; one that stands already stays.

    Raises:
        WriteRefused: The thread, the message or the branch is not there, or not the participant's.
    """
    message = _message_of(state, write)
    thread = state.threads[write.thread_id]
    assert thread is not None
    leaving: str | None = f"{write.message_id}/{message['revision']}"
    if write.revision is not None:
        coming, changes = f"{write.message_id}/{write.revision}", _as_it_read(state, write)
    else:
        _check_run(state, write, message)
        leaving, coming, changes = _run_that_stands(state, write), str(write.run_id), {}
    if leaving == coming:
        return  # A second press, or a second tab's.
    behind = [
        step
        for step in state.steps.values()
        if step is not None and step["thread_id"] == write.thread_id and step["seq"] > message["seq"]
        if not _is_of_earlier(step, message)
    ]
    leaves = {"deleted_at": write.at, "deleted_by": write.by, "deleted_because": SWITCHED, "branch": leaving}
    tail = [step for step in behind if step["deleted_at"] is None]
    back = [step for step in behind if step["deleted_at"] is not None and step["branch"] == coming]
    back_runs = [
        run
        for run in state.runs.values()
        if run["thread_id"] == write.thread_id and run["deleted_at"] is not None and run["branch"] == coming
    ]
    if write.revision is None and not back_runs:
        raise WriteRefused(Reason.ANSWER_LEFT_ELSEWHERE)
    spoken = {step["step_id"] for step in tail if step["type"] == StepType.USER_MESSAGE}
    _runs_leave(state, {write.message_id, *spoken}, leaves)
    for run in back_runs:
        set_run(state, run, LIVING)
    for step in tail:
        set_step(state, step, leaves)
    # A write that was called for before this one is late from now on, and only fills gaps.
    for step in back:
        set_step(state, step, LIVING | {"version": max(step["version"], order)})
    intents.leave(state, write.thread_id, message["seq"], leaves)
    intents.come_back(state, write.thread_id, coming)
    intents.reread(state, message)
    if changes:
        set_step(state, message, changes | {"version": max(message["version"], order)})
    count_turns(state, [*tail, *back])
    payload = {"message_id": write.message_id, "from": leaving, "to": coming}
    event = event_of(thread, order, "branch_shown", write.at, payload)
    state.events.append(event | {"target": write.message_id})


def _meant(state: State, write: DeleteSteps) -> list[Row]:
    """The steps that a delete names, and those behind its `after_seq`."""
    meant = []
    place = next((message for one in write.runs_of if (message := state.steps.get(one))), None)
    for step_id, step in state.steps.items():
        if step is None:
            continue
        behind = (
            write.after_seq is not None
            and step["thread_id"] == write.thread_id
            and step["seq"] > write.after_seq
            and not _is_of_earlier(step, place)
        )
        if behind or step_id in write.step_ids:
            meant.append(step)
    return meant


def _is_of_earlier(step: Row, message: Row | None) -> bool:
    """Whether a step that stands behind a message answers an earlier one."""
    return message is not None and bool(step["turn"]) and step["turn"] < (message["turn"] or 0)


def _branch_name(state: State, branch: str | None) -> str | None:
    """The name that a branch leaves with; a message's gets the revision that is being left."""
    message = state.steps.get(branch or "")
    return branch if message is None else f"{branch}/{message['revision']}"


def _message_of(state: State, write: ShowBranch) -> Row:
    thread = own_thread(state, write.thread_id, write.by)
    message = state.steps.get(write.message_id)
    if thread is None or thread["deleted_at"] is not None or message is None:
        raise WriteRefused(Reason.NO_MESSAGE)
    if message["thread_id"] != write.thread_id or message["type"] != StepType.USER_MESSAGE:
        raise WriteRefused(Reason.PARTS_AT_MESSAGES)
    if message["deleted_at"] is not None:
        raise WriteRefused(Reason.MESSAGE_OFF_SCREEN)
    return message


def _as_it_read(state: State, write: ShowBranch) -> Row:
    key = (write.message_id, write.revision or 0)
    kept = state.revisions.get(key) or state.kept_revisions.get(key)
    if kept is None:
        raise WriteRefused(Reason.NO_REVISION)
    return {name: kept[name] for name in ("revision", "input", "output")}


def _run_that_stands(state: State, write: ShowBranch) -> str | None:
    standing = [
        run
        for run in state.runs.values()
        if run["message_id"] == write.message_id and run["deleted_at"] is None
    ]
    last = max(standing, key=lambda run: int(run["seq"]), default=None)
    return None if last is None else str(last["run_id"])


def _check_run(state: State, write: ShowBranch, message: Row) -> None:
    run = state.runs.get(write.run_id or "")
    if run is None or run["message_id"] != write.message_id or run["thread_id"] != write.thread_id:
        raise WriteRefused(Reason.NO_ANSWER)
    if run["message_revision"] != message["revision"]:
        raise WriteRefused(Reason.ANSWER_TO_ANOTHER_WORDING)


def _runs_leave(state: State, messages: set[str], leaves: Row) -> None:
    for run in state.runs.values():
        if run["message_id"] in messages and run["deleted_at"] is None:
            set_run(state, run, leaves)


def set_run(state: State, run: Row, changes: Row) -> None:
    """A run leaves the screen, or comes back."""
    run |= {name: changes[name] for name in ("deleted_at", "deleted_because", "branch")}
    state.changed_runs.add(run["run_id"])


def set_step(state: State, step: Row, changes: Row) -> None:
    """A step leaves the screen, or comes back: what its thread counts and the search finds goes with it."""
    step |= changes
    state.changed_steps.add(step["step_id"])
    state.refresh.add(step["thread_id"])
    thread = state.threads[step["thread_id"]]
    if thread is None:
        return
    form_id = thread["open_form_id"]
    if form_id is not None and step["deleted_at"] is not None and form_under(step) == form_id:
        leave_form(state, thread, step["deleted_at"], MOVED)
    if step["type"] in MESSAGE_TYPES:
        index_message(state, thread, step)


def count_turns(state: State, moved: list[Row]) -> None:
    """All that stood behind a place of a thread left, or came back: its next message goes on from there."""
    spoken = [step for step in moved if step["type"] == StepType.USER_MESSAGE and step["turn"] is not None]
    if spoken:
        living = [step["turn"] for step in spoken if step["deleted_at"] is None]
        before = min(step["turn"] for step in spoken) - 1
        state.last_turns[spoken[0]["thread_id"]] = max(living, default=before)
