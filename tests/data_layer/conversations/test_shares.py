"""Links to a thread: what they show, to whom, and for how long."""

import hashlib
from typing import Any

import pytest

from data_layer.conversations.shares import MOST, NewShare, TooManyShares
from data_layer.record import Record
from data_layer.writing.writes import DeleteSteps, DeleteThread, InsertRow, PatchRow, PutStep
from study.errors import WriteRefused
from tests.data_layer.rows import ADA, BOB, begin_thread, count, message, new_id, one, reply, rows
from tests.fakes import HandClock


async def shown(record: Record, share: NewShare) -> list[str]:
    """The words that a link shows."""
    return [row["output"] for piece in await record.shares.read(share.token) for row in piece.steps]


async def test_a_link_shows_what_stood_when_it_was_made(record: Record) -> None:
    """What comes later is not shared."""
    thread_id = await begin_thread(record, "The first words")
    share = await record.shares.make(ADA, thread_id, 7)
    await record.writer.submit(reply(record, thread_id, "Said later"))
    assert await shown(record, share) == ["The first words"]


async def test_only_a_digest_of_the_token_is_kept(record: Record) -> None:
    """Whoever reads the database, or an event of it, opens no link."""
    thread_id = await begin_thread(record)
    share = await record.shares.make(ADA, thread_id, 7)
    kept = await one(record, "shares")
    assert kept["token_hash"] == hashlib.sha256(share.token.encode()).hexdigest()
    everything = str(await rows(record, "shares")) + str(await rows(record, "events"))
    assert share.token not in everything
    assert len(share.token) == 43


async def test_a_link_ends_by_the_clock(record: Record, clock: HandClock) -> None:
    """Not a second after its days."""
    thread_id = await begin_thread(record)
    share = await record.shares.make(ADA, thread_id, 1)
    clock.forward(23 * 3600)
    assert await shown(record, share)
    clock.forward(3600)
    assert not await shown(record, share)
    assert await record.shares.of_thread(ADA, thread_id) == []


async def test_a_stopped_link_shows_nothing_from_then_on(record: Record) -> None:
    """And the other link to the same thread goes on; stopping it again does no more."""
    thread_id = await begin_thread(record)
    first = await record.shares.make(ADA, thread_id, 7)
    second = await record.shares.make(ADA, thread_id, 7)
    await record.shares.end(ADA, thread_id, first.row["share_id"])
    await record.shares.end(ADA, thread_id, first.row["share_id"])
    assert not await shown(record, first)
    assert await shown(record, second)
    kinds = [row["type"] for row in await rows(record, "events")]
    assert kinds.count("thread_shared") == 2
    assert kinds.count("share_revoked") == 1


async def test_what_leaves_the_screen_leaves_the_share(record: Record) -> None:
    """A message that was removed is not shown any more."""
    thread_id = await begin_thread(record, "Stays")
    put = message(record, thread_id, "Goes")
    await record.writer.submit(put)
    share = await record.shares.make(ADA, thread_id, 7)
    await record.writer.submit(DeleteSteps((put.row["step_id"],), record.now(), "removed", thread_id, by=ADA))
    assert await shown(record, share) == ["Stays"]


async def test_an_edit_after_the_share_shows_neither_text(record: Record) -> None:
    """The old one left the screen, and the new one came later; an edit before it is simply what stands."""
    thread_id = await begin_thread(record, "Stays")
    put = message(record, thread_id, "As it was")
    await record.writer.submit(put)

    async def edit(text: str) -> None:
        changed = {"step_id": put.row["step_id"], "thread_id": thread_id, "output": text}
        await record.writer.submit(PutStep(changed, record.now(), by=ADA))

    await edit("Edited before")
    share = await record.shares.make(ADA, thread_id, 7)
    assert await shown(record, share) == ["Stays", "Edited before"]
    await edit("Edited later")
    assert await shown(record, share) == ["Stays"]


async def test_a_growing_reply_is_not_shared(record: Record) -> None:
    """Nobody has agreed to share the words that it does not have yet."""
    thread_id = await begin_thread(record, "A question")
    put = reply(record, thread_id, "It be", status="streaming")
    await record.writer.submit(put)
    share = await record.shares.make(ADA, thread_id, 7)
    whole = {
        "step_id": put.row["step_id"],
        "thread_id": thread_id,
        "output": "It begins",
        "status": "complete",
    }
    await record.writer.submit(PutStep(whole, record.now()))
    assert await shown(record, share) == ["A question"]


async def test_a_share_follows_its_thread(record: Record) -> None:
    """Deleted, it shows nothing; restored, it shows what it did."""
    thread_id = await begin_thread(record)
    share = await record.shares.make(ADA, thread_id, 7)
    await record.writer.submit(DeleteThread(thread_id, record.now(), ADA))
    assert not await shown(record, share)
    back = {"deleted_at": None, "deleted_by": None}
    await record.writer.submit(PatchRow("threads", {"thread_id": thread_id}, back))
    assert await shown(record, share) == ["Hello there"]


@pytest.mark.parametrize("token", ["", "a" * 43, "' OR 1=1 --", "\x00", "é" * 43, "a" * 100_000])
async def test_a_wrong_token_shows_nothing(record: Record, token: str) -> None:
    """Whatever it is."""
    await record.shares.make(ADA, await begin_thread(record), 7)
    assert await record.shares.read(token) == []
    assert await record.shares.element(token, new_id()) is None


async def test_nobody_shares_lists_or_stops_for_another(record: Record) -> None:
    """Not yours and not there are refused alike, and nothing is kept."""
    thread_id = await begin_thread(record)
    share = await record.shares.make(ADA, thread_id, 7)
    other = await begin_thread(record, owner=BOB)
    for target in (thread_id, new_id(), "zz') OR ('1'='1"):
        with pytest.raises(WriteRefused, match="no such thread"):
            await record.shares.make(BOB, target, 7)
        with pytest.raises(WriteRefused, match="no such thread"):
            await record.shares.of_thread(BOB, target)
    for by, target in ((BOB, thread_id), (BOB, other), (ADA, other)):
        with pytest.raises(WriteRefused, match="no such share"):
            await record.shares.end(by, target, share.row["share_id"])
    assert await shown(record, share)
    assert await count(record, "shares") == 1


async def test_a_thread_has_only_so_many_links(record: Record) -> None:
    """A stopped one makes room."""
    thread_id = await begin_thread(record)
    made = [await record.shares.make(ADA, thread_id, 7) for _ in range(MOST)]
    with pytest.raises(TooManyShares):
        await record.shares.make(ADA, thread_id, 7)
    await record.shares.end(ADA, thread_id, made[0].row["share_id"])
    assert await record.shares.make(ADA, thread_id, 7)


async def test_a_file_is_shared_with_its_message_alone(record: Record) -> None:
    """Not one that came later, not one of another thread, not one whose message left."""
    thread_id = await begin_thread(record)
    put = message(record, thread_id, "With a file")
    later = message(record, thread_id, "Later")
    elsewhere = await begin_thread(record)
    await record.writer.submit(put)

    async def attach(thread: str, message_id: str) -> str:
        row: dict[str, Any] = {
            "element_id": new_id(),
            "thread_id": thread,
            "message_id": message_id,
            "type": "file",
        }
        row |= {"name": "a.txt", "file": "a", "seq": record.take_order(), "created_at": record.now()}
        await record.writer.submit(InsertRow("elements", row))
        return str(row["element_id"])

    own = await attach(thread_id, put.row["step_id"])
    share = await record.shares.make(ADA, thread_id, 7)
    await record.writer.submit(later)
    late, foreign = await attach(thread_id, later.row["step_id"]), await attach(elsewhere, new_id())
    assert await record.shares.element(share.token, own)
    for element_id in (late, foreign, new_id(), "x"):
        assert await record.shares.element(share.token, element_id) is None
    await record.writer.submit(DeleteSteps((put.row["step_id"],), record.now(), "removed", thread_id, by=ADA))
    assert await record.shares.element(share.token, own) is None
