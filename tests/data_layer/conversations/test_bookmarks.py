"""Bookmarks: on any message of one's own, found again, and never lost from the record."""

import asyncio

import pytest

from data_layer.record import Record
from data_layer.writing.writes import DeleteSteps, DeleteThread
from study.errors import WriteRefused
from tests.data_layer.rows import ADA, BOB, begin_thread, count, new_id, one, reply, rows


async def marked(record: Record, owner: str = ADA) -> tuple[str, str, str]:
    """A thread with a message and a reply, both with a bookmark.

    Returns:
        The ids of the three.
    """
    thread_id = await begin_thread(record, owner=owner)
    message_id = (await one(record, "steps", thread_id=thread_id))["step_id"]
    put = reply(record, thread_id, "Answer " + "x" * 1_000)
    await record.writer.submit(put)
    for target in (message_id, put.row["step_id"]):
        await record.bookmarks.put(owner, target)
    return thread_id, message_id, put.row["step_id"]


async def test_the_newest_is_listed_first(record: Record) -> None:
    """Beside its thread's title, and with the beginning of what it says."""
    thread_id, message_id, reply_id = await marked(record)
    listed = await record.bookmarks.listed(ADA)
    assert [row["message_id"] for row in listed] == [reply_id, message_id]
    assert {(row["thread_id"], row["title"]) for row in listed} == {(thread_id, "Hello there")}
    assert len(listed[0]["text"]) == 200


async def test_pressing_twice_is_once(record: Record) -> None:
    """Also when both presses come together; each change is kept with an event."""
    _, message_id, _ = await marked(record)
    await asyncio.gather(*(record.bookmarks.put(ADA, message_id) for _ in range(3)))
    await asyncio.gather(*(record.bookmarks.remove(ADA, message_id) for _ in range(3)))
    await record.bookmarks.put(ADA, message_id)
    kept = await rows(record, "bookmarks", message_id=message_id)
    assert [row["deleted_at"] is None for row in kept] == [False, True]
    events = await rows(record, "events", target=message_id)
    assert [row["type"] for row in events] == ["bookmark_put", "bookmark_removed", "bookmark_put"]


async def test_nobody_marks_anothers_message(record: Record) -> None:
    """Nor one that is not there, nor a step that is no message."""
    thread_id, message_id, _ = await marked(record, owner=BOB)
    tool = reply(record, thread_id, "42", type="tool")
    await record.writer.submit(tool)
    for target in (message_id, new_id(), "\x00", "zz') OR ('1'='1"):
        with pytest.raises(WriteRefused):
            await record.bookmarks.put(ADA, target)
        with pytest.raises(WriteRefused):
            await record.bookmarks.remove(ADA, target)
    with pytest.raises(WriteRefused):
        await record.bookmarks.put(BOB, tool.row["step_id"])
    assert await record.bookmarks.listed(ADA) == []
    assert await count(record, "bookmarks") == 2


async def test_a_message_that_left_is_listed_as_such(record: Record) -> None:
    """It is on another branch; in a deleted thread it is not listed."""
    thread_id, _, reply_id = await marked(record)
    await record.writer.submit(DeleteSteps((reply_id,), record.now(), "edited"))
    assert [bool(row["stands"]) for row in await record.bookmarks.listed(ADA)] == [False, True]
    await record.writer.submit(DeleteThread(thread_id, record.now(), ADA))
    assert await record.bookmarks.listed(ADA) == []
