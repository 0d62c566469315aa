"""Threads: named once, renamed by people only, deleted without a trace on the screen, never lost."""

import pytest

from data_layer.conversations.threads import conversation, owner_of
from data_layer.record import Record
from data_layer.writing.writes import (
    DeleteSteps,
    DeleteThread,
    MergeThreadMetadata,
    PutThread,
    RenameThread,
    RestoreThread,
    ReturnThread,
    TagThread,
)
from tests.data_layer.rows import (
    ADA,
    BOB,
    begin_thread,
    count,
    message,
    new_id,
    one,
    read_thread,
    reply,
    rows,
)


async def test_naming_a_thread_twice_changes_nothing(record: Record) -> None:
    """Chainlit flushes update_thread again after a restart, with another first message as its name."""
    thread_id = await begin_thread(record, "The first message")
    before = await one(record, "threads")
    await record.writer.submit(PutThread(thread_id, ADA, record.now(), "Typed during the outage"))
    after = await one(record, "threads")
    assert after == before | {"version": after["version"]}


async def test_a_flush_never_undoes_a_rename(record: Record) -> None:
    """The title that a participant has given stays."""
    thread_id = await begin_thread(record)
    await record.writer.submit(RenameThread(thread_id, "My holiday", record.now(), ADA))
    await record.writer.submit(PutThread(thread_id, ADA, record.now(), "Hello there"))
    await record.writer.submit(message(record, thread_id, "More"))
    assert (await one(record, "threads"))["title"] == "My holiday"


async def test_a_rename_keeps_the_name_before_it(record: Record) -> None:
    """As an event with both names and a time."""
    thread_id = await begin_thread(record, "Hello there")
    await record.writer.submit(RenameThread(thread_id, "My holiday", record.now(), ADA))
    event = await one(record, "events")
    assert (event["type"], event["payload"]) == (
        "thread_renamed",
        {"from": "Hello there", "to": "My holiday"},
    )


async def test_a_title_is_one_short_line(record: Record) -> None:
    """Chainlit passes the entire first message: a title is its beginning, on one line."""
    await begin_thread(record, "Dear\n\nfriend,\t " + "this goes on " * 1000)
    title = (await one(record, "threads"))["title"]
    assert title.startswith("Dear friend, this goes on")
    assert len(title) <= 50


async def test_two_threads_named_at_once_are_two(record: Record) -> None:
    """Titles are no keys."""
    await begin_thread(record, "Hello")
    await begin_thread(record, "Hello")
    assert await count(record, "threads") == 2


async def test_the_owner_is_added_to_a_thread_without_one(record: Record) -> None:
    """A step that the app wrote first leaves the owner open; the flush that follows fills it."""
    thread_id = new_id()
    await record.writer.submit(reply(record, thread_id, "Welcome"))
    await record.writer.submit(PutThread(thread_id, ADA, record.now(), "Hi"))
    assert (await one(record, "threads"))["participant_id"] == ADA


async def test_who_writes_into_a_thread_without_an_owner_owns_it(record: Record) -> None:
    """A thread that belongs to nobody would be in nobody's list."""
    thread_id = new_id()
    await record.writer.submit(reply(record, thread_id, "Welcome"))
    await record.writer.submit(message(record, thread_id, "Thanks"))
    assert (await one(record, "threads"))["participant_id"] == ADA


async def test_nobody_takes_over_a_thread(record: Record) -> None:
    """A second owner is refused, whatever the title."""
    thread_id = await begin_thread(record)
    outcome = await record.writer.submit(PutThread(thread_id, BOB, record.now(), "Mine"))
    assert outcome.refused is not None
    assert (await one(record, "threads"))["participant_id"] == ADA


async def test_metadata_is_merged(record: Record) -> None:
    """A key that is not named keeps its value; None deletes one."""
    thread_id = await begin_thread(record)
    for changes in ({"a": 1, "b": {"c": 2}}, {"b": None, "d": "x"}):
        await record.writer.submit(MergeThreadMetadata(thread_id, changes, record.now()))
    assert (await one(record, "threads"))["metadata"] == {"a": 1, "d": "x"}


async def test_metadata_makes_no_thread(record: Record) -> None:
    """A visitor who connects and leaves has no thread, whatever Chainlit saves at the disconnect."""
    await record.writer.submit(MergeThreadMetadata(new_id(), {"a": 1}, record.now()))
    assert await count(record, "threads") == 0


async def test_metadata_brings_no_deleted_thread_back(record: Record) -> None:
    """The disconnect that follows a delete changes nothing: no zombie."""
    thread_id = await begin_thread(record)
    await record.writer.submit(DeleteThread(thread_id, record.now(), ADA))
    before = await one(record, "threads")
    await record.writer.submit(MergeThreadMetadata(thread_id, {"a": 1}, record.now()))
    assert await one(record, "threads") == before


async def test_metadata_is_no_activity(record: Record) -> None:
    """Looking at a thread, or losing the connection, moves it nowhere in the list."""
    thread_id = await begin_thread(record)
    before = (await one(record, "threads"))["last_activity_at"]
    await record.writer.submit(MergeThreadMetadata(thread_id, {"a": 1}, record.now()))
    assert (await one(record, "threads"))["last_activity_at"] == before


async def test_a_rename_is_no_activity(record: Record) -> None:
    """Nor does a new name."""
    thread_id = await begin_thread(record)
    before = (await one(record, "threads"))["last_activity_at"]
    await record.writer.submit(RenameThread(thread_id, "Other", record.now(), ADA))
    assert (await one(record, "threads"))["last_activity_at"] == before


async def test_a_deleted_thread_is_off_the_screen_and_in_the_record(record: Record) -> None:
    """Its rows stay; nothing of it is read for a participant."""
    thread_id = await begin_thread(record)
    await record.writer.submit(DeleteThread(thread_id, record.now(), ADA))
    thread = await one(record, "threads")
    assert (thread["deleted_by"], thread["deleted_at"] is None) == (ADA, False)
    assert await count(record, "steps") == 1
    assert await read_thread(record.database, thread_id) is None
    assert await owner_of(record.database, thread_id) is None


async def test_a_flush_brings_no_deleted_thread_back(record: Record) -> None:
    """A tab that is still open on a deleted thread writes into it; what it wrote is kept, out of sight."""
    thread_id = await begin_thread(record)
    await record.writer.submit(DeleteThread(thread_id, record.now(), ADA))
    await record.writer.submit(
        PutThread(thread_id, ADA, record.now(), "Hello?"), message(record, thread_id, "Hello?")
    )
    assert (await one(record, "threads"))["deleted_at"] is not None
    assert await count(record, "steps") == 2


@pytest.mark.parametrize("owner", [BOB, None])
async def test_another_participants_thread_is_neither_renamed_nor_deleted(
    record: Record, owner: str | None
) -> None:
    """Nor is one that is not there."""
    thread_id = await begin_thread(record, owner=owner) if owner else new_id()
    for write in (
        RenameThread(thread_id, "Mine", record.now(), ADA),
        DeleteThread(thread_id, record.now(), ADA),
    ):
        assert (await record.writer.submit(write)).refused is not None
    assert [row["deleted_at"] for row in await rows(record, "threads")] == ([None] if owner else [])


async def test_a_thread_comes_with_what_stands_on_its_screen(record: Record) -> None:
    """Living steps in the order of the calls, and nothing that was taken off."""
    thread_id = new_id()
    gone = reply(record, thread_id, "Gone")
    await record.writer.submit(
        message(record, thread_id, "One"), gone, reply(record, thread_id, "Two"), reply(record, thread_id, "")
    )
    await record.writer.submit(DeleteSteps((gone.row["step_id"],), record.now(), "removed"))
    found = await read_thread(record.database, thread_id)
    assert found is not None
    assert [row["output"] for row in found.steps] == ["One", "Two", ""]


async def test_the_conversation_is_what_was_said(record: Record) -> None:
    """The agent's history holds messages with words: no notices, no tools, nothing deleted."""
    thread_id = new_id()
    await record.writer.submit(
        message(record, thread_id, "One"),
        reply(record, thread_id, "42", type="tool"),
        reply(record, thread_id, "Two"),
        reply(record, thread_id, "", status="stopped"),
        reply(record, thread_id, "Saving is delayed.", type="system_message"),
    )
    said = await record.database.read(lambda connection: conversation(connection, thread_id))
    assert [(row["type"], row["output"]) for row in said] == [
        ("user_message", "One"),
        ("assistant_message", "Two"),
    ]


async def test_what_its_participant_deleted_can_be_brought_back(record: Record) -> None:
    """As it was, with both moments as events; restored twice is restored once."""
    thread_id = await begin_thread(record)
    before = await one(record, "threads")
    await record.writer.submit(DeleteThread(thread_id, record.now(), ADA))
    for _ in range(2):
        await record.writer.submit(RestoreThread(thread_id, record.now(), ADA))
    after = await one(record, "threads")
    assert after == before | {"version": after["version"]}
    assert [row["type"] for row in await rows(record, "events")] == ["thread_deleted", "thread_restored"]


@pytest.mark.parametrize("deleted_by", [None, BOB])
async def test_what_somebody_else_deleted_stays_deleted(record: Record, deleted_by: str | None) -> None:
    """A withdrawal, or a researcher's hand, is not the participant's to undo; nor is another's thread."""
    thread_id = await begin_thread(record, owner=ADA if deleted_by is None else BOB)
    await record.writer.submit(DeleteThread(thread_id, record.now(), deleted_by))
    outcome = await record.writer.submit(RestoreThread(thread_id, record.now(), ADA))
    assert outcome.refused
    assert (await one(record, "threads"))["deleted_at"] is not None


async def test_a_researcher_can_bring_back_what_its_participant_deleted(record: Record) -> None:
    """As it was; the event names whose hand it was, and done twice it is done once."""
    thread_id, olga = await begin_thread(record), new_id()
    before = await one(record, "threads")
    await record.writer.submit(DeleteThread(thread_id, record.now(), ADA))
    for _ in range(2):
        await record.writer.submit(ReturnThread(thread_id, record.now(), olga))
    after = await one(record, "threads")
    assert after == before | {"version": after["version"]}
    assert [(row["type"], row["payload"]) for row in await rows(record, "events")] == [
        ("thread_deleted", None),
        ("thread_returned", {"researcher_id": olga}),
    ]


async def test_a_researcher_undoes_no_withdrawal(record: Record) -> None:
    """What the app itself took away is not theirs to bring back."""
    thread_id = await begin_thread(record)
    await record.writer.submit(DeleteThread(thread_id, record.now(), None))
    outcome = await record.writer.submit(ReturnThread(thread_id, record.now(), new_id()))
    assert outcome.refused
    assert (await one(record, "threads"))["deleted_at"] is not None


async def test_a_researcher_brings_back_no_thread_that_is_not_there(record: Record) -> None:
    """Nor makes one."""
    outcome = await record.writer.submit(ReturnThread(new_id(), record.now(), new_id()))
    assert outcome.refused
    assert await count(record, "threads") == 0


async def test_tags_are_lines_and_none_stands_twice(record: Record) -> None:
    """What was typed is made into short lines; the tags before it stay in an event."""
    thread_id = await begin_thread(record)
    many = (f"tag {n}" for n in range(30))
    typed = ("  Family \n matters ", "family MATTERS", "", "\u200b", "x" * 99, *many)
    await record.writer.submit(TagThread(thread_id, typed, record.now(), ADA))
    tags = (await one(record, "threads"))["tags"]
    assert tags[:3] == ["Family matters", "x" * 40, "tag 0"]
    assert len(tags) == 20
    await record.writer.submit(TagThread(thread_id, (), record.now(), ADA))
    assert (await one(record, "threads"))["tags"] is None
    assert [row["payload"] for row in await rows(record, "events")] == [
        {"from": [], "to": tags},
        {"from": tags, "to": []},
    ]
