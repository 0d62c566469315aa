"""What a write does to a thread."""

from data_layer.database.ids import is_uuid
from data_layer.database.rows import Row
from data_layer.database.text import clean_tags, title_of
from data_layer.writing.apply.archiving import make_room
from data_layer.writing.state import State, change_thread, event_of, index_title, new_thread, own_thread
from data_layer.writing.writes import (
    DeleteThread,
    MergeThreadMetadata,
    PutThread,
    RenameThread,
    RestoreThread,
    ReturnThread,
    TagThread,
)
from study.errors import WriteRefused
from study.reasons import Reason
from study.text import beginning, storable, storable_json


def put_thread(state: State, order: int, write: PutThread) -> None:
    """Make sure that a thread is there; one that is keeps its title (CHAINLIT: update_thread twice)."""
    if not is_uuid(write.thread_id):
        raise WriteRefused(Reason.NO_THREAD_ID)
    thread = own_thread(state, write.thread_id, write.participant_id)
    agent = None if write.agent is None else storable(write.agent)
    if thread is None:
        thread = new_thread(state, order, write.thread_id, write.participant_id, write.at, agent=agent)
        thread["title"] = title_of(storable(write.title))
        index_title(state, thread)
        make_room(state, order, thread, write.at)
    changes: Row = {}
    if not thread["title"] and not thread["renamed"] and (title := title_of(storable(write.title))):
        # A first message of files alone: Chainlit puts the thread without a name before we do with theirs.
        changes["title"] = title
    if thread["participant_id"] is None:
        changes["participant_id"] = write.participant_id
    if thread["agent"] is None and agent is not None:
        changes["agent"] = agent
    if write.tags is not None:
        changes["tags"] = storable_json(list(write.tags))
    change_thread(state, thread, order, changes)
    if "title" in changes:
        index_title(state, thread)
    if "agent" in changes or "participant_id" in changes:
        make_room(state, order, thread, write.at)


def rename_thread(state: State, order: int, write: RenameThread) -> None:
    """Set a title; the one before it stays in an event."""
    thread = _living_thread(state, write.thread_id, write.by)
    title = beginning(" ".join(storable(write.title).split()), 200)
    state.events.append(
        event_of(thread, order, "thread_renamed", write.at, {"from": thread["title"], "to": title})
    )
    change_thread(state, thread, order, {"title": title, "renamed": True})
    index_title(state, thread)


def merge_thread_metadata(state: State, order: int, write: MergeThreadMetadata) -> None:
    """Merge, None deletes; a deleted or missing thread stays as it is (no zombie, no phantom)."""
    thread = own_thread(state, write.thread_id, None)
    if thread is None or thread["deleted_at"] is not None:
        return
    merged = dict(thread["metadata"] or {}) | storable_json(write.changes)
    changes: Row = {"metadata": {key: value for key, value in merged.items() if value is not None}}
    if write.tags is not None:
        changes["tags"] = storable_json(list(write.tags))
    change_thread(state, thread, order, changes)


def delete_thread(state: State, order: int, write: DeleteThread) -> None:
    """Take a thread off the participant's list."""
    thread = _living_thread(state, write.thread_id, write.by)
    state.events.append(event_of(thread, order, "thread_deleted", write.at, None))
    change_thread(state, thread, order, {"deleted_at": write.at, "deleted_by": write.by})


def restore_thread(state: State, order: int, write: RestoreThread) -> None:
    """Bring back what the participant has deleted; one that is there already stays as it is."""
    thread = own_thread(state, write.thread_id, write.by)
    if thread is None:
        raise WriteRefused(Reason.NO_THREAD)
    if thread["deleted_at"] is None:
        return
    if thread["deleted_by"] != write.by:
        raise WriteRefused(Reason.DELETED_BY_OTHERS)
    state.events.append(event_of(thread, order, "thread_restored", write.at, None))
    change_thread(state, thread, order, {"deleted_at": None, "deleted_by": None})
    make_room(state, order, thread, write.at)


def return_thread(state: State, order: int, write: ReturnThread) -> None:
    """Bring back what the participant has deleted, by a researcher's hand; the event names it."""
    thread = own_thread(state, write.thread_id, None)
    if thread is None:
        raise WriteRefused(Reason.NO_THREAD)
    if thread["deleted_at"] is None:
        return
    if thread["deleted_by"] is None or thread["deleted_by"] != thread["participant_id"]:
        raise WriteRefused(Reason.NOT_DELETED_BY_OWNER)
    payload = {"researcher_id": write.researcher_id}
    state.events.append(event_of(thread, order, "thread_returned", write.at, payload))
    change_thread(state, thread, order, {"deleted_at": None, "deleted_by": None})
    make_room(state, order, thread, write.at)


def tag_thread(state: State, order: int, write: TagThread) -> None:
    """Set the tags; those before stay in an event."""
    thread = _living_thread(state, write.thread_id, write.by)
    tags = clean_tags(write.tags)
    before = list(thread["tags"] or [])
    if tags == before:
        return
    payload = {"from": before, "to": tags}
    state.events.append(event_of(thread, order, "thread_tagged", write.at, payload))
    change_thread(state, thread, order, {"tags": tags or None})


def _living_thread(state: State, thread_id: str, by: str | None) -> Row:
    thread = own_thread(state, thread_id, by)
    if thread is None or thread["deleted_at"] is not None:
        raise WriteRefused(Reason.NO_THREAD)
    return thread
