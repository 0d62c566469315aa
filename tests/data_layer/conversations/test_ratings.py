"""Ratings: on the reply that was meant, by whom it was shown to, with every change of mind kept."""

import asyncio

import pytest

from data_layer.record import Record
from data_layer.writing.writes import DeleteSteps, DeleteThread
from study.errors import WriteRefused
from tests.data_layer.rows import ADA, BOB, begin_thread, count, new_id, one, read_thread, reply, rows


async def answered(record: Record, owner: str = ADA) -> tuple[str, str]:
    """A thread with one reply.

    Returns:
        The reply's id and its run's.
    """
    thread_id = await begin_thread(record, owner=owner)
    put = reply(record, thread_id, "Answer", run_id=new_id())
    await record.writer.submit(put)
    return put.row["step_id"], put.row["run_id"]


async def test_a_rating_of_the_run_hangs_on_its_reply(record: Record) -> None:
    """Chainlit's page sends the run; what was rated is the message."""
    message_id, run_id = await answered(record)
    await record.ratings.put(ADA, run_id, 1, "Good")
    rating = await one(record, "ratings")
    assert (rating["message_id"], rating["run_id"], rating["value"], rating["comment"]) == (
        message_id,
        run_id,
        1,
        "Good",
    )


async def test_a_rating_of_the_message_is_the_same_one(record: Record) -> None:
    """Either id means the same reply."""
    message_id, run_id = await answered(record)
    assert await record.ratings.put(ADA, run_id, 1, None) == await record.ratings.put(
        ADA, message_id, 0, None
    )


async def test_the_last_of_a_runs_messages_is_rated(record: Record) -> None:
    """The page draws the buttons under it."""
    thread_id, run_id = await begin_thread(record), new_id()
    first, last = (reply(record, thread_id, words, run_id=run_id) for words in ("First", "Last"))
    tool = reply(record, thread_id, "42", type="tool", run_id=run_id)
    await record.writer.submit(first, last, tool)
    await record.ratings.put(ADA, run_id, 1, None)
    assert (await one(record, "ratings"))["message_id"] == last.row["step_id"]


async def test_a_change_of_mind_keeps_both(record: Record) -> None:
    """One rating, two revisions, the newest current."""
    _, run_id = await answered(record)
    await record.ratings.put(ADA, run_id, 1, None)
    await record.ratings.put(ADA, run_id, 0, "Wrong after all")
    kept = await rows(record, "ratings")
    assert [(row["revision"], row["value"], row["is_current"]) for row in kept] == [
        (1, 1, False),
        (2, 0, True),
    ]
    assert len({row["rating_id"] for row in kept}) == 1


async def test_reasons_are_kept_with_each_change(record: Record) -> None:
    """In the study's words; the same thumb, ticks and comment once more are no change of mind."""
    message_id, _ = await answered(record)
    await record.ratings.put(ADA, message_id, 1, None)
    for _ in (1, 2):
        await record.ratings.put(ADA, message_id, 1, "Yes", ["Kind", "Helpful"])
    kept = await rows(record, "ratings")
    assert [(row["reasons"], row["comment"]) for row in kept] == [(None, None), (["Kind", "Helpful"], "Yes")]


async def test_a_rating_taken_back_stays_in_the_record(record: Record) -> None:
    """It is gone from the screen, with the time of its going."""
    message_id, run_id = await answered(record)
    await record.ratings.put(ADA, run_id, 1, None)
    await record.ratings.take_back(ADA, message_id)
    rating = await one(record, "ratings")
    assert (rating["value"], rating["is_current"], rating["deleted_at"] is None) == (1, False, False)
    thread = await read_thread(record.database, rating["thread_id"])
    assert thread is not None
    assert thread.ratings == []


async def test_taking_back_twice_changes_nothing(record: Record) -> None:
    """The first time counts."""
    message_id, run_id = await answered(record)
    await record.ratings.put(ADA, run_id, 1, None)
    await record.ratings.take_back(ADA, message_id)
    before = await one(record, "ratings")
    await record.ratings.take_back(ADA, message_id)
    assert await one(record, "ratings") == before


async def test_rating_again_after_taking_back_is_a_revision(record: Record) -> None:
    """The same rating goes on."""
    message_id, run_id = await answered(record)
    rating_id = await record.ratings.put(ADA, run_id, 1, None)
    await record.ratings.take_back(ADA, message_id)
    assert await record.ratings.put(ADA, run_id, 0, None) == rating_id
    assert [row["is_current"] for row in await rows(record, "ratings")] == [False, True]


async def test_two_clicks_at_once_leave_one_current(record: Record) -> None:
    """Both are kept; one stands."""
    _, run_id = await answered(record)
    ids = await asyncio.gather(*(record.ratings.put(ADA, run_id, value, None) for value in (1, 0, 1)))
    kept = await rows(record, "ratings")
    assert len(set(ids)) == 1
    assert [row["is_current"] for row in kept] == [False, False, True]


async def test_anothers_reply_is_not_rated(record: Record) -> None:
    """Chainlit's route checks nothing."""
    message_id, run_id = await answered(record, owner=BOB)
    for target in (message_id, run_id, new_id(), "zz') OR ('1'='1", "\x00"):
        with pytest.raises(WriteRefused):
            await record.ratings.put(ADA, target, 1, None)
    assert await count(record, "ratings") == 0


async def test_anothers_rating_is_not_taken_back(record: Record) -> None:
    """Nor one that is not there."""
    message_id, run_id = await answered(record, owner=BOB)
    await record.ratings.put(BOB, run_id, 1, None)
    for target in (message_id, run_id, new_id(), "\x00"):
        with pytest.raises(WriteRefused):
            await record.ratings.take_back(ADA, target)
    assert (await one(record, "ratings"))["is_current"]


async def test_ones_own_message_is_not_rated(record: Record) -> None:
    """Ratings are of replies."""
    await begin_thread(record)
    with pytest.raises(WriteRefused):
        await record.ratings.put(ADA, (await one(record, "steps"))["step_id"], 1, None)


async def test_what_is_off_the_screen_is_not_rated(record: Record) -> None:
    """A removed reply, a deleted thread."""
    message_id, run_id = await answered(record)
    await record.writer.submit(DeleteSteps((message_id,), record.now(), "edited"))
    with pytest.raises(WriteRefused):
        await record.ratings.put(ADA, run_id, 1, None)
    other_id, _ = await answered(record)
    thread_id = (await one(record, "steps", step_id=other_id))["thread_id"]
    await record.writer.submit(DeleteThread(thread_id, record.now(), ADA))
    with pytest.raises(WriteRefused):
        await record.ratings.put(ADA, other_id, 1, None)


async def test_a_comment_of_any_text_is_kept(record: Record) -> None:
    """NUL becomes U+FFFD, as on the page; the rest stays byte for byte."""
    _, run_id = await answered(record)
    await record.ratings.put(ADA, run_id, 1, "à\x00\u202e😀" + "x" * 100_000)
    assert (await one(record, "ratings"))["comment"] == "à\ufffd\u202e😀" + "x" * 100_000
