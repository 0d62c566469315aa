"""The rows that a batch works on, and what the folding rules share.

A batch loads the threads and steps that its writes name, folds the writes into them in order
(apply/: plain functions over rows), and flushes what has changed (batch.py).
Nothing here talks to a database.
"""

import uuid
from dataclasses import dataclass, field
from datetime import datetime

from data_layer.database.rows import Row
from data_layer.database.text import words_to_index
from study.errors import WriteRefused
from study.reasons import Reason
from study.vocabulary import ThreadState


@dataclass(frozen=True)
class ThreadDefaults:
    """What every new thread is born with."""

    study_id: str
    app_version: str
    study_fingerprint: str
    active_threads: int | None = None  # of one participant with one agent; None without a limit


@dataclass
class State:
    """The rows that a batch works on.

    Args:
        withdrawn: Participants who have withdrawn: nothing is written in their name.
        threads: By thread_id, as they are or will be; None where there is none yet.
        steps: By step_id, likewise.
        last_turns: The greatest turn of a thread's living messages, where a batch may need it.
        runs: By run_id, those of threads in which something leaves the screen or comes back.
        last_revisions: The greatest revision of messages that are said otherwise, or walked through.
        kept_revisions: The states of messages that are walked through.
        parted: Threads with branches, of those that a message comes back to.
        archived: Threads that made room for another in the write that is applied: thread_id and title.
        left_forms: Changes of forms that are left open, by form_id.
        intents: By intent_id, those of threads in which one moves or may leave the screen.
        moves: What has happened to them, by move_id, where something leaves the screen or comes back.
        tasks: What somebody has to code, by thread and researcher, where they say that it is done.
    """

    defaults: ThreadDefaults
    withdrawn: frozenset[str] = frozenset()
    threads: dict[str, Row | None] = field(default_factory=dict)
    steps: dict[str, Row | None] = field(default_factory=dict)
    last_turns: dict[str, int] = field(default_factory=dict)
    runs: dict[str, Row] = field(default_factory=dict)
    last_revisions: dict[str, int] = field(default_factory=dict)
    kept_revisions: dict[tuple[str, int], Row] = field(default_factory=dict)
    parted: set[str] = field(default_factory=set)
    archived: list[Row] = field(default_factory=list)
    intents: dict[str, Row] = field(default_factory=dict)
    moves: dict[str, Row] = field(default_factory=dict)
    tasks: dict[tuple[str, str], Row] = field(default_factory=dict)
    left_forms: dict[str, Row] = field(default_factory=dict)
    changed_threads: set[str] = field(default_factory=set)
    changed_steps: set[str] = field(default_factory=set)
    changed_runs: set[str] = field(default_factory=set)
    changed_intents: set[str] = field(default_factory=set)
    changed_moves: set[str] = field(default_factory=set)
    refresh: set[str] = field(default_factory=set)
    revisions: dict[tuple[str, int], Row] = field(default_factory=dict)
    searchable: dict[int, Row] = field(default_factory=dict)
    events: list[Row] = field(default_factory=list)


def own_thread(state: State, thread_id: str, by: str | None) -> Row | None:
    """The thread, when it is there and the participant's own or nobody's.

    Raises:
        WriteRefused: It is another participant's, or its participant has withdrawn.
    """
    thread = state.threads.get(thread_id)
    if by in state.withdrawn or (thread is not None and thread["state"] == ThreadState.WITHDRAWN):
        raise WriteRefused(Reason.HAS_WITHDRAWN)
    if thread is not None and by is not None and thread["participant_id"] not in (None, by):
        raise WriteRefused(Reason.ANOTHERS_THREAD)
    return thread


def new_thread(
    state: State, order: int, thread_id: str, participant_id: str | None, at: datetime, *, agent: str | None
) -> Row:
    """A thread is born, on the first write that names it."""
    thread: Row = {
        "thread_id": thread_id,
        "participant_id": participant_id,
        "study_id": state.defaults.study_id,
        "seq": order,
        "agent": agent,
        "title": "",
        "renamed": False,
        "preview": "",
        "opening": "",
        "message_count": 0,
        "turn_count": 0,
        "state": ThreadState.ACTIVE.value,
        "tags": None,
        "metadata": None,
        "created_at": at,
        "last_activity_at": at,
        "ended_at": None,
        "archived_at": None,
        "app_version": state.defaults.app_version,
        "study_fingerprint": state.defaults.study_fingerprint,
        "version": order,
        "open_form_id": None,
        "deleted_at": None,
        "deleted_by": None,
    }
    state.threads[thread_id] = thread
    state.changed_threads.add(thread_id)
    return thread


def change_thread(state: State, thread: Row, order: int, changes: Row) -> None:
    """Set columns of a thread."""
    if changes:
        thread |= changes
        thread["version"] = max(thread["version"], order)
        state.changed_threads.add(thread["thread_id"])


def index_title(state: State, thread: Row) -> None:
    """Make a thread findable by its title."""
    # Below zero, so that a title's number is never a message's.
    state.searchable[-thread["seq"]] = search_row(thread, "title", thread["thread_id"], thread["title"])


def search_row(thread: Row, kind: str, target_id: str, text: str) -> Row:
    """A row of the search index."""
    return {
        "kind": kind,
        "target_id": target_id,
        "thread_id": thread["thread_id"],
        "owner": (thread["participant_id"] or "").replace("-", ""),
        "words": " ".join(words_to_index(text)),
    }


def event_of(thread: Row, order: int, kind: str, at: datetime, payload: Row | None) -> Row:
    """An event of a thread."""
    return {
        "event_id": str(uuid.uuid4()),
        "thread_id": thread["thread_id"],
        "participant_id": thread["participant_id"],
        "seq": order,
        "type": kind,
        "target": thread["thread_id"],
        "payload": payload,
        "timestamp": at,
    }
