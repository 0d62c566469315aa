"""Connections: each opening and closing once, and the way back for a page that outlived its server."""

from data_layer.conversations.connections import thread_of_session
from data_layer.record import Record
from data_layer.writing.writes import DeleteThread
from tests.data_layer.rows import ADA, BOB, begin_thread, count, new_id, one


def open_one(record: Record, socket: str = "s1", thread_id: str = "", **fields: str) -> None:
    """A page of ADA's connects."""
    shape = {"session_id": "page", "participant_id": ADA, "user_agent": "Browser"} | fields
    record.connections.opened(socket, thread_id=thread_id or new_id(), **shape)


async def test_a_connection_has_both_its_ends(record: Record) -> None:
    """When it opened, when it closed, and why."""
    open_one(record)
    record.connections.closed("s1", "transport close")
    await record.writer.flush()
    row = await one(record, "connections")
    assert row["opened_at"] < row["closed_at"]
    assert row["close_reason"] == "transport close"


async def test_closing_twice_keeps_the_first(record: Record) -> None:
    """Chainlit may say it again."""
    open_one(record)
    record.connections.closed("s1", "transport close")
    record.connections.closed("s1", "ping timeout")
    await record.writer.flush()
    assert (await one(record, "connections"))["close_reason"] == "transport close"


async def test_a_socket_that_never_opened_closes_nothing(record: Record) -> None:
    """A refused connection also disconnects."""
    record.connections.closed("stranger", "x")
    await record.writer.flush()
    assert await count(record, "connections") == 0


async def test_an_open_socket_is_known_by_its_connection(record: Record) -> None:
    """Messages carry the connection that they came by."""
    open_one(record)
    assert record.connections.id_of("s1") is not None
    record.connections.closed("s1", "x")
    assert record.connections.id_of("s1") is None


async def test_what_a_browser_says_of_itself_is_cut(record: Record) -> None:
    """The client writes it: any length, any character."""
    open_one(record, session_id="\x00" * 300, user_agent="x\x00" * 5_000)
    await record.writer.flush()
    row = await one(record, "connections")
    assert (len(row["session_id"]), len(row["user_agent"])) == (200, 500)


async def test_a_page_finds_its_thread_again(record: Record) -> None:
    """A conversation that began in this page names no thread when it reconnects to a new server."""
    thread_id = await begin_thread(record)
    open_one(record, thread_id=await begin_thread(record))
    open_one(record, "s2", thread_id=thread_id)
    await record.writer.flush()
    assert await thread_of_session(record.database, "page", ADA) == thread_id


async def test_a_page_finds_no_thread_that_it_never_wrote_in(record: Record) -> None:
    """Nor a deleted one, nor another participant's under the same session."""
    deleted, theirs = await begin_thread(record), await begin_thread(record, owner=BOB)
    await record.writer.submit(DeleteThread(deleted, record.now(), ADA))
    for number, thread_id in enumerate((deleted, theirs, new_id())):
        open_one(record, f"s{number}", thread_id=thread_id)
    open_one(record, "s9", thread_id=theirs, participant_id=BOB)
    await record.writer.flush()
    assert await thread_of_session(record.database, "page", ADA) is None
    assert await thread_of_session(record.database, "other page", BOB) is None
