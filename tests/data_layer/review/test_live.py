"""Who is here: those whose page is open, each in their thread, with what is going on in it."""

from data_layer.record import Record
from data_layer.review.live import who_is_here
from data_layer.writing.recovery import mark_interrupted
from data_layer.writing.writes import InsertRow, PatchRow
from tests.data_layer.rows import ADA, BOB, begin_thread, new_id


def arrive(record: Record, thread_id: str, who: str = ADA, socket: str = "s1") -> None:
    """A page opens."""
    record.connections.opened(
        socket, session_id=new_id(), participant_id=who, thread_id=thread_id, user_agent="Browser"
    )


async def run(record: Record, thread_id: str, status: str, **columns: object) -> str:
    """An agent's work in a thread."""
    run_id = new_id()
    row = {
        "run_id": run_id,
        "thread_id": thread_id,
        "seq": record.take_order(),
        "name": "on_message",
        "status": status,
        "started_at": record.now(),
        **columns,
    }
    await record.writer.submit(InsertRow("runs", row))
    return run_id


async def test_nobody_is_here_in_an_empty_study(record: Record) -> None:
    """No row."""
    assert await who_is_here(record.database) == []


async def test_who_has_a_page_open_is_here(record: Record) -> None:
    """In their thread, also before its first message; two pages of a thread are one row."""
    thread_id, new = await begin_thread(record), new_id()
    arrive(record, thread_id)
    arrive(record, thread_id, socket="s2")
    arrive(record, new, BOB, "s3")
    await record.writer.flush()
    ada, bob = await who_is_here(record.database)
    assert (ada.participant_id, ada.thread_id, ada.pages, ada.turns) == (ADA, thread_id, 2, 1)
    assert (ada.title, ada.waiting_since, ada.error) == ("Hello there", None, None)
    assert (bob.participant_id, bob.thread_id, bob.title, bob.turns) == (BOB, new, None, 0)
    assert bob.quiet_since == bob.opened_at


async def test_who_has_left_is_not(record: Record) -> None:
    """A row of a connection that has closed."""
    arrive(record, await begin_thread(record))
    record.connections.closed("s1", "transport close")
    await record.writer.flush()
    assert await who_is_here(record.database) == []


async def test_what_a_killed_process_left_open_is_not_here(record: Record) -> None:
    """The next start closes it."""
    arrive(record, await begin_thread(record))
    await record.writer.flush()
    gone = {record.writer.process_id}
    await mark_interrupted(record.database, record.writer, record.now, gone, nobodys=False)
    assert await who_is_here(record.database) == []


async def test_a_reply_that_is_being_given_is_waited_for(record: Record) -> None:
    """Since it began; once it has ended, it is quiet since then."""
    thread_id = await begin_thread(record)
    arrive(record, thread_id)
    run_id = await run(record, thread_id, "streaming")
    (ada,) = await who_is_here(record.database)
    assert ada.waiting_since is not None
    assert ada.waiting_since > ada.opened_at
    ended = record.now()
    await record.writer.submit(
        PatchRow("runs", {"run_id": run_id}, {"status": "complete", "ended_at": ended})
    )
    (ada,) = await who_is_here(record.database)
    assert ada.waiting_since is None
    assert abs((ada.quiet_since - ended).total_seconds()) < 0.001


async def test_the_last_failure_is_told(record: Record) -> None:
    """Of this thread, and no other's."""
    thread_id = await begin_thread(record)
    arrive(record, thread_id)
    await run(record, thread_id, "failed", error_type="Timeout", error_message="first")
    await run(record, thread_id, "failed", error_type="RateLimit", error_message="second")
    await run(record, thread_id, "complete")
    await run(record, await begin_thread(record, owner=BOB), "failed", error_type="Other")
    (ada,) = await who_is_here(record.database)
    assert ada.error is not None
    assert (ada.error["error_type"], ada.error["error_message"]) == ("RateLimit", "second")
