"""What a write does to a step, and to the thread that it stands in."""

from typing import Final

from data_layer.database.ids import is_uuid
from data_layer.database.rows import Row
from data_layer.database.text import title_of
from data_layer.writing.apply.archiving import bring_back, make_room
from data_layer.writing.apply.forms import TYPED, leave_form
from data_layer.writing.state import State, index_title, new_thread, own_thread, search_row
from data_layer.writing.writes import PutStep
from study.errors import WriteRefused
from study.reasons import Reason
from study.text import storable, storable_json
from study.vocabulary import MESSAGE_TYPES, Status, StepType

# What a PutStep may set; everything else on the row is the record's own doing.
_SETTABLE: Final = (
    "parent_id",
    "run_id",
    "connection_id",
    "intent_id",
    "turn",
    "type",
    "name",
    "agent",
    "status",
    "input",
    "output",
    "is_error",
    "shown",
    "cut_off",
    "fallback_for",
    "created_at",
    "started_at",
    "ended_at",
    "metadata",
    "display",
)
# Looked up once: `value` of an enum is a call, and each message compares several.
_USER_MESSAGE: Final = StepType.USER_MESSAGE.value
_UNDEFINED: Final = StepType.UNDEFINED.value
_STREAMING: Final = Status.STREAMING.value
_COMPLETE: Final = Status.COMPLETE.value
_NEW_STEP: Final[Row] = (
    {"step_id": None, "thread_id": None, "seq": None}
    | dict.fromkeys(_SETTABLE)
    | {
        "type": _UNDEFINED,
        "name": "",
        "status": _COMPLETE,
        "revision": 1,
        "input": "",
        "output": "",
        "is_error": False,
        "shown": True,
        "version": None,
        "deleted_at": None,
        "deleted_by": None,
        "deleted_because": None,
        "branch": None,
    }
)
_GIVEN: Final = frozenset({"step_id", "thread_id", *_SETTABLE})
_TEXTS: Final = ("input", "output", "name", "agent")


def put_step(state: State, order: int, write: PutStep) -> Row:
    """Create or update a step, its revision, and what its thread says of it.

    Returns:
        The row as it now stands.

    Raises:
        WriteRefused: An id is not a UUID, or the thread or step is somebody else's.
    """
    row = _clean(write.row)
    step_id, thread_id = row["step_id"], row["thread_id"]
    if not is_uuid(step_id) or not is_uuid(thread_id):
        raise WriteRefused(Reason.NO_ID)
    thread = own_thread(state, thread_id, write.by)
    old = state.steps.get(step_id)
    if old is not None and old["thread_id"] != thread_id:
        raise WriteRefused(Reason.STEP_ELSEWHERE)
    if old is not None and write.by is not None and row.get("type", old["type"]) != old["type"]:
        # A participant's message under an agent's id would be answered as if the agent had asked.
        raise WriteRefused(Reason.STEP_OF_ANOTHER_TYPE)
    if thread is None:
        thread = new_thread(state, order, thread_id, write.by, write.at, agent=row.get("agent"))
        make_room(state, order, thread, write.at)
    elif thread["participant_id"] is None and write.by is not None:
        thread["participant_id"] = write.by
        state.changed_threads.add(thread_id)
    if old is None:
        new = _new_step(state, thread, order, row, write)
    else:
        new = _merged(old, row, order, write.creates)
        _keep_overtaken(state, old, row, order, write)
    if new == old:
        return new
    state.steps[step_id] = new
    state.changed_steps.add(step_id)
    # One that repeats what stands is newer than what may still be on its way, and changes nothing else.
    if old is None or new | {"version": old["version"]} != old:
        _follow(state, order, thread, old, new, write)
    return new


def _follow(state: State, order: int, thread: Row, old: Row | None, new: Row, write: PutStep) -> None:
    """What changes with a step: its revisions, the search, its thread."""
    _keep_revision(state, old, new, write)
    if new["type"] in MESSAGE_TYPES:
        state.refresh.add(thread["thread_id"])
        index_message(state, thread, new)
    if new["type"] == _USER_MESSAGE and (old is None or old["output"] != new["output"]):
        _participant_spoke(state, thread, new, write)
        bring_back(state, order, thread, write.at)
        if old is None:
            leave_form(state, thread, write.at, TYPED)
    if thread["agent"] is None and new["agent"] is not None:
        # Whoever steps in for it answers once: the thread stays the other's.
        thread["agent"] = new["fallback_for"] or new["agent"]
        state.changed_threads.add(thread["thread_id"])
        make_room(state, order, thread, write.at)


def _clean(row: Row) -> Row:
    clean = {key: value for key, value in row.items() if value is not None}
    for name in _TEXTS:
        if name in clean:
            clean[name] = storable(str(clean[name]))
    for name in ("metadata", "display"):
        if name in clean:
            clean[name] = storable_json(clean[name])
    return clean


def _new_step(state: State, thread: Row, order: int, row: Row, write: PutStep) -> Row:
    kind = row.get("type", _UNDEFINED)
    new: Row = _NEW_STEP | {"seq": order, "created_at": write.at, "version": order}
    new |= {key: value for key, value in row.items() if key in _GIVEN}
    if new["turn"] is None:
        # What was called for before the thread was born is a greeting: it answers nothing.
        last = state.last_turns.get(row["thread_id"], 0) if order >= thread["seq"] else 0
        new["turn"] = last + 1 if kind == _USER_MESSAGE else last or None
    if kind == _USER_MESSAGE:
        state.last_turns[row["thread_id"]] = new["turn"]
    return new


def _merged(old: Row, row: Row, order: int, creates: bool) -> Row:
    """Join a write with the row that is there: an older one only fills gaps, and none blanks a text."""
    late = creates or order <= old["version"]
    given = {key: value for key, value in row.items() if key in _SETTABLE and value != ""}
    if late:
        given = {key: value for key, value in given.items() if old[key] is None or old[key] == ""}
    new = old | given
    # When a row came to be does not change with what it says.
    new["created_at"] = old["created_at"]
    if not late:
        new["version"] = order
    return new


def _keep_overtaken(state: State, old: Row, row: Row, order: int, write: PutStep) -> None:
    """A participant's edit that a later one of another process overtook is a revision all the same.

    It was said, and its caller hears that it is kept. What stands on the screen is the later one's.
    """
    words = row.get("output")
    overtaken = not write.creates and write.by is not None and order <= old["version"]
    if not overtaken or old["type"] != _USER_MESSAGE or not words or words == old["output"]:
        return
    last = (state.last_revisions.get(old["step_id"]) or old["revision"]) + 1
    state.last_revisions[old["step_id"]] = last
    said = {name: old[name] for name in ("step_id", "thread_id", "run_id", "input", "status")}
    state.revisions[old["step_id"], last] = said | {
        "revision": last,
        "output": words,
        "created_at": write.at,
    }


def _keep_revision(state: State, old: Row | None, new: Row, write: PutStep) -> None:
    """A text that was whole and now reads otherwise is a new revision; a growing one is the same."""
    said_otherwise = old is not None and (old["input"], old["output"]) != (new["input"], new["output"])
    at = new["created_at"]
    if said_otherwise and old is not None and old["status"] != _STREAMING and old["output"] != "":
        # Not the one after the shown: the participant may have walked back to an earlier one.
        last = state.last_revisions.get(new["step_id"]) or old["revision"]
        new["revision"] = state.last_revisions[new["step_id"]] = last + 1
        at = write.at
    if old is None or said_otherwise or old["status"] != new["status"]:
        key = (new["step_id"], new["revision"])
        state.revisions[key] = {
            "step_id": new["step_id"],
            "revision": new["revision"],
            "thread_id": new["thread_id"],
            "run_id": new["run_id"],
            "input": new["input"],
            "output": new["output"],
            "status": new["status"],
            "created_at": at,
        }


def _participant_spoke(state: State, thread: Row, message: Row, write: PutStep) -> None:
    thread["last_activity_at"] = max(thread["last_activity_at"], write.at)
    if not thread["title"] and not thread["renamed"]:
        thread["title"] = title_of(message["output"])
        index_title(state, thread)
    state.changed_threads.add(thread["thread_id"])


def index_message(state: State, thread: Row, step: Row) -> None:
    """Make a message findable, or no more so when it has left the screen."""
    # A growing reply is indexed once, when it has ended; what left the screen is found no more.
    words = "" if step["deleted_at"] is not None else step["output"]
    if step["status"] != _STREAMING or not words:
        state.searchable[step["seq"]] = search_row(thread, "message", step["step_id"], words)
