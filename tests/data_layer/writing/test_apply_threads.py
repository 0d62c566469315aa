"""What the write of a thread makes of the rows: every column of them, whatever was there before."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest

from data_layer.database.rows import Row
from data_layer.writing.writes import (
    DeleteThread,
    MergeThreadMetadata,
    PutThread,
    RenameThread,
    RestoreThread,
    ReturnThread,
    TagThread,
    Write,
)
from tests.data_layer.batches import Batches
from tests.data_layer.rows import ADA, BOB, new_id, reply

AT: Final = datetime(2026, 11, 21, 13, tzinfo=UTC)
OLGA: Final = "55555555-5555-4555-8555-555555555555"


def event_of(batches: Batches) -> Row:
    """The last event, without its id."""
    return {name: value for name, value in batches.rows("events")[-1].items() if name != "event_id"}


def titles(batches: Batches) -> list[str]:
    """What threads are found by."""
    return [row["words"] for row in batches.found() if row["kind"] == "title"]


def test_a_thread_is_born_with_what_is_given(batches: Batches) -> None:
    """And with what the study says; found by its title."""
    thread_id = new_id()
    put = PutThread(thread_id, ADA, AT, "Where do\nwhales sleep?", "eliza", ("a", "b\x00"))
    outcome = batches.submit(put, orders=[5])
    assert batches.rows("threads") == [
        {
            "thread_id": thread_id,
            "participant_id": ADA,
            "study_id": "example",
            "seq": 5,
            "agent": "eliza",
            "title": "Where do whales sleep?",
            "renamed": False,
            "preview": "",
            "opening": "",
            "message_count": 0,
            "turn_count": 0,
            "state": "active",
            "tags": ["a", "b\ufffd"],
            "metadata": None,
            "created_at": AT,
            "last_activity_at": AT,
            "ended_at": None,
            "archived_at": None,
            "app_version": "0.1.0+gtest",
            "study_fingerprint": "f" * 64,
            "version": 5,
            "open_form_id": None,
            "deleted_at": None,
            "deleted_by": None,
        }
    ]
    assert outcome.thread == batches.one("threads")
    ids = {"thread_id": thread_id, "target_id": thread_id, "owner": ADA.replace("-", "")}
    found = {"number": -5, "kind": "title", "words": "where do whales sleep"}
    assert batches.found() == [ids | found]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, {"title": "New", "agent": "new", "tags": ["new"]}),
        ({"title": "Old"}, {"title": "Old", "agent": "new", "tags": ["new"]}),
        ({"agent": "old"}, {"title": "New", "agent": "old", "tags": ["new"]}),
        ({"tags": ("old",)}, {"title": "New", "agent": "new", "tags": ["new"]}),
    ],
)
def test_a_thread_that_is_there_is_only_filled(batches: Batches, before: Row, after: Row) -> None:
    """A title and an agent that stand stay; a title that comes is found; tags are the last ones given."""
    thread_id = new_id()
    batches.submit(PutThread(thread_id, ADA, AT, **before))
    was = batches.one("threads")
    later = PutThread(thread_id, ADA, AT + timedelta(1), "New", "new", ("new",))
    batches.submit(later, orders=[2_000])
    assert batches.one("threads") == was | after | {"version": 2_000}
    assert titles(batches) == [after["title"].lower()]


@pytest.mark.parametrize("nothing", [{}, {"agent": None, "tags": None}])
def test_a_thread_that_is_named_without_more_stays_as_it_is(batches: Batches, nothing: Row) -> None:
    """Not even its version is another, and no list is told."""
    thread_id = new_id()
    batches.submit(PutThread(thread_id, ADA, AT, "", None, ("a",)))
    was = batches.one("threads")
    batches.submit(PutThread(thread_id, ADA, AT + timedelta(1), **nothing))
    assert batches.one("threads") == was
    assert batches.touched == frozenset()


def test_words_that_no_database_holds_are_replaced(batches: Batches) -> None:
    """In title, agent, tags and metadata, whenever they come."""
    thread_id, odd = new_id(), "a\ud800"
    batches.submit(PutThread(thread_id, ADA, AT))
    batches.submit(PutThread(thread_id, ADA, AT, odd, odd, (odd,)))
    batches.submit(MergeThreadMetadata(thread_id, {"k": odd}, AT))
    thread = batches.one("threads")
    assert (thread["title"], thread["agent"], thread["tags"]) == ("a\ufffd", "a\ufffd", ["a\ufffd"])
    assert thread["metadata"] == {"k": "a\ufffd"}
    batches.submit(RenameThread(thread_id, odd, AT, ADA))
    batches.submit(MergeThreadMetadata(thread_id, {}, AT, (odd, odd)))
    thread = batches.one("threads")
    assert (thread["title"], thread["tags"]) == ("a\ufffd", ["a\ufffd", "a\ufffd"])
    born = new_id()
    batches.submit(PutThread(born, ADA, AT, odd, odd))
    thread = batches.one("threads", thread_id=born)
    assert (thread["title"], thread["agent"]) == ("a\ufffd", "a\ufffd")


def test_a_thread_without_owner_gets_one_and_keeps_its_agent(batches: Batches) -> None:
    """The app began it with a reply."""
    thread_id = new_id()
    batches.submit(reply(batches, thread_id, "Welcome", agent="eliza"))
    batches.submit(PutThread(thread_id, ADA, AT))
    thread = batches.one("threads")
    assert (thread["participant_id"], thread["agent"], thread["title"]) == (ADA, "eliza", "")
    batches.submit(PutThread(thread_id, None, AT, "Later"))  # type: ignore[arg-type]  # the app's own
    thread = batches.one("threads")
    assert (thread["participant_id"], thread["title"]) == (ADA, "Later")


WRITES: list[tuple[Row, Any, Row, str, Any]] = [
    (
        {},
        lambda i: RenameThread(i, "  My\nholiday ", AT, ADA),
        {"title": "My holiday", "renamed": True},
        "thread_renamed",
        {"from": "Hello there", "to": "My holiday"},
    ),
    (
        {},
        lambda i: DeleteThread(i, AT, ADA),
        {"deleted_at": AT, "deleted_by": ADA},
        "thread_deleted",
        None,
    ),
    (
        {"deleted": ADA},
        lambda i: RestoreThread(i, AT, ADA),
        {"deleted_at": None, "deleted_by": None},
        "thread_restored",
        None,
    ),
    (
        {"deleted": ADA},
        lambda i: ReturnThread(i, AT, OLGA),
        {"deleted_at": None, "deleted_by": None},
        "thread_returned",
        {"researcher_id": OLGA},
    ),
    (
        {},
        lambda i: TagThread(i, (" two  words", "b"), AT, ADA),
        {"tags": ["two words", "b"]},
        "thread_tagged",
        {"from": [], "to": ["two words", "b"]},
    ),
    (
        {"tags": ("a",)},
        lambda i: TagThread(i, (), AT, ADA),
        {"tags": None},
        "thread_tagged",
        {"from": ["a"], "to": []},
    ),
]


@pytest.mark.parametrize(("before", "make", "after", "kind", "payload"), WRITES)
def test_what_is_done_to_a_thread_is_an_event(
    batches: Batches, before: Row, make: Any, after: Row, kind: str, payload: Any
) -> None:
    """The columns that it sets and its version, no others; the event says whose, when and what."""
    thread_id = batches.begin_thread("Hello there")
    if "deleted" in before:
        batches.submit(DeleteThread(thread_id, batches.now(), before["deleted"]))
    if "tags" in before:
        batches.submit(TagThread(thread_id, before["tags"], batches.now(), ADA))
    was = batches.one("threads")
    assert batches.submit(make(thread_id), orders=[2_000]).refused is None
    assert batches.one("threads") == was | after | {"version": 2_000}
    assert event_of(batches) == {
        "thread_id": thread_id,
        "participant_id": ADA,
        "run_id": None,
        "connection_id": None,
        "seq": 2_000,
        "type": kind,
        "target": thread_id,
        "payload": payload,
        "timestamp": AT,
    }
    assert batches.touched == {thread_id}
    assert titles(batches) == [batches.one("threads")["title"].lower()]


@pytest.mark.parametrize("title", ["x" * 199, "x" * 200, "x" * 201, "🇩🇪" * 150])
def test_a_name_is_at_most_two_hundred_characters(batches: Batches, title: str) -> None:
    """And no half of a flag."""
    thread_id = batches.begin_thread()
    batches.submit(RenameThread(thread_id, title, AT, ADA))
    kept = batches.one("threads")["title"]
    assert kept == title[: min(len(title), 200)]


@pytest.mark.parametrize(
    ("deleted_by", "write", "refused"),
    [
        (ADA, lambda i: RenameThread(i, "New", AT, ADA), True),
        (ADA, lambda i: DeleteThread(i, AT, ADA), True),
        (ADA, lambda i: TagThread(i, ("a",), AT, ADA), True),
        (ADA, lambda i: MergeThreadMetadata(i, {"a": 1}, AT, ("a",)), False),
        (None, lambda i: RestoreThread(i, AT, ADA), True),
        (BOB, lambda i: RestoreThread(i, AT, ADA), True),
        (None, lambda i: ReturnThread(i, AT, OLGA), True),
        (OLGA, lambda i: ReturnThread(i, AT, OLGA), True),
        ("", lambda i: RestoreThread(i, AT, ADA), False),
        ("", lambda i: ReturnThread(i, AT, OLGA), False),
        ("", lambda i: TagThread(i, (), AT, ADA), False),
    ],
)
def test_what_may_not_be_done_changes_nothing(
    batches: Batches, deleted_by: str | None, write: Any, refused: bool
) -> None:
    """To a thread that was deleted, or by whom; "" was not. What is so already is no refusal."""
    thread_id = batches.begin_thread()
    if deleted_by != "":
        batches.submit(DeleteThread(thread_id, batches.now(), deleted_by and ADA))
        if deleted_by in (BOB, OLGA):
            thread_id = _of_nobody(batches, deleted_by)
    was, events = batches.rows("threads"), batches.rows("events")
    made: Write = write(thread_id)
    assert (batches.submit(made).refused is not None) is refused
    assert (batches.rows("threads"), batches.rows("events")) == (was, events)


def _of_nobody(batches: Batches, deleted_by: str) -> str:
    """A thread that the app began and somebody has deleted."""
    thread_id = new_id()
    batches.submit(reply(batches, thread_id, "Welcome"))
    batches.submit(DeleteThread(thread_id, batches.now(), deleted_by))
    return thread_id


@pytest.mark.parametrize(
    "write",
    [
        lambda i: RenameThread(i, "New", AT, ADA),
        lambda i: DeleteThread(i, AT, ADA),
        lambda i: TagThread(i, ("a",), AT, ADA),
        lambda i: RestoreThread(i, AT, ADA),
        lambda i: PutThread(i, ADA, AT, "New", "new", ("new",)),
    ],
)
def test_nobody_does_it_to_anothers_thread(batches: Batches, write: Any) -> None:
    """Each of them is refused."""
    thread_id = batches.begin_thread(owner=BOB)
    was = batches.rows("threads")
    assert batches.submit(write(thread_id)).refused is not None
    assert (batches.rows("threads"), batches.rows("events")) == (was, [])


@pytest.mark.parametrize("write", [RestoreThread(new_id(), AT, ADA), ReturnThread(new_id(), AT, OLGA)])
def test_what_is_not_there_does_not_come_back(batches: Batches, write: Write) -> None:
    """It is refused."""
    assert batches.submit(write).refused is not None


def test_metadata_merges_into_what_stands(batches: Batches) -> None:
    """None takes a key away; tags are set, when given."""
    thread_id = batches.begin_thread()
    was = batches.one("threads")
    batches.submit(MergeThreadMetadata(thread_id, {"a": 1, "b": 2}, AT, ("x",)))
    batches.submit(MergeThreadMetadata(thread_id, {"b": None, "c": 3}, AT), orders=[2_000])
    new = {"metadata": {"a": 1, "c": 3}, "tags": ["x"], "version": 2_000}
    assert batches.one("threads") == was | new


def test_a_write_that_comes_late_leaves_the_version(batches: Batches) -> None:
    """It is still the newest's."""
    thread_id = batches.begin_thread()
    batches.submit(RenameThread(thread_id, "One", AT, ADA), orders=[2_000])
    batches.submit(TagThread(thread_id, ("a",), AT, ADA), orders=[1_500])
    assert batches.one("threads")["version"] == 2_000
