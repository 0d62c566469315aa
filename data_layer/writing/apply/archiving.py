"""No more active threads of a participant with an agent than the study allows: the others are archived.

What is archived is off the list and not deleted: it is read, brought back, and written in, which brings it
back as well. It is decided here, in the writer's transaction, where nobody else begins a thread meanwhile.
"""

from datetime import datetime

from data_layer.database.rows import Row
from data_layer.writing.state import State, change_thread, event_of, own_thread
from data_layer.writing.writes import UnarchiveThread
from study.errors import WriteRefused
from study.reasons import Reason


def make_room(state: State, order: int, thread: Row, at: datetime) -> None:
    """A thread is active from now on: those of the same agent that were untouched longest make room.

    Args:
        state: With all active threads of its participant.
        order: Of the write.
        thread: Stays.
        at: The time.
    """
    most = state.defaults.active_threads
    if most is None or not _is_active(thread) or thread["participant_id"] is None:
        return
    whose = (thread["participant_id"], thread["agent"])
    others = [
        one
        for one in state.threads.values()
        if one is not None and one is not thread and _is_active(one)
        if (one["participant_id"], one["agent"]) == whose
    ]
    others.sort(key=lambda one: (one["last_activity_at"], one["seq"]))
    for one in others[: max(0, len(others) + 1 - most)]:
        change_thread(state, one, order, {"archived_at": at})
        state.events.append(event_of(one, order, "thread_archived", at, {"for": thread["thread_id"]}))
        state.archived.append({"thread_id": one["thread_id"], "title": one["title"]})


def bring_back(state: State, order: int, thread: Row, at: datetime) -> None:
    """An archived thread is active again; another may make room for it."""
    if thread["archived_at"] is None:
        return
    change_thread(state, thread, order, {"archived_at": None})
    state.events.append(event_of(thread, order, "thread_unarchived", at, None))
    make_room(state, order, thread, at)


def unarchive_thread(state: State, order: int, write: UnarchiveThread) -> None:
    """Bring a thread back to its participant's list; one that is there already stays as it is."""
    thread = own_thread(state, write.thread_id, write.by)
    if thread is None or thread["deleted_at"] is not None:
        raise WriteRefused(Reason.NO_THREAD)
    bring_back(state, order, thread, write.at)


def _is_active(thread: Row) -> bool:
    return thread["deleted_at"] is None and thread["archived_at"] is None
