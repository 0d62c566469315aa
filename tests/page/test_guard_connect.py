"""The guard before Chainlit's socket handlers: who may connect, and to which thread."""

import uuid
from typing import Any

import pytest

from data_layer.record import Record
from data_layer.writes import DeleteThread
from page.guard import Guard
from tests.data_layer.rows import ADA, BOB, begin_thread, count, new_id, one
from tests.page.gate import FakeChat, Handlers, environ, opening, refusals, said
from tests.pages import FakePage


async def test_a_socket_without_a_page_says_nothing(
    guard: Guard, handlers: Handlers, chat: FakeChat, record: Record
) -> None:
    """It was never let in, or its page is gone."""
    for handle in (guard.client_message, guard.edit_message):
        await handle("stranger", said())
    await guard.stop("stranger")
    assert handlers.called == []
    assert (chat.edits, chat.stops) == ([], 0)
    assert await count(record, "events") == 0


@pytest.mark.parametrize("who", [environ(None), environ(secret="another secret of thirty-two bytes!!"), {}])
async def test_nobody_connects_without_a_cookie_of_ours(
    guard: Guard, handlers: Handlers, who: dict[str, Any]
) -> None:
    """None, a forged one, and a connection that is none."""
    with pytest.raises(ConnectionRefusedError):
        await guard.connect("s", who, opening())
    assert handlers.called == []


# Chainlit removes the folder of that name when the session ends (session.py:170, 426).
FORGED: list[Any] = [None, "", 7, "x" * 101, ["a"], "..", ".", "/tmp", "../data", "A" * 36, f"{new_id()}/.."]


@pytest.mark.parametrize(
    "auth",
    [None, [], "x", {}, *(opening(sessionId=session_id) for session_id in FORGED)],
)
async def test_nobody_connects_from_another_page(guard: Guard, handlers: Handlers, auth: Any) -> None:
    """A page of ours names its session, shortly."""
    with pytest.raises(ConnectionRefusedError):
        await guard.connect("s", environ(), auth)
    assert handlers.called == []


OTHERS_LETTERS = "AAAAAAAA-1111-4111-8111-111111111111"


@pytest.mark.parametrize("thread_id", ["zz') OR ('1'='1", "../../etc", 7, ["a"], {"a": 1}, OTHERS_LETTERS])
async def test_a_thread_id_that_is_no_uuid_is_refused(
    guard: Guard, handlers: Handlers, record: Record, thread_id: Any
) -> None:
    """And kept as an event."""
    with pytest.raises(ConnectionRefusedError):
        await guard.connect("s", environ(), opening(threadId=thread_id))
    assert handlers.called == []
    assert len(await refusals(record)) == 1


async def test_anothers_thread_is_refused(guard: Guard, handlers: Handlers, record: Record) -> None:
    """Living or deleted, whether or not Chainlit would notice."""
    thread_id = await begin_thread(record, owner=BOB)
    for _ in range(2):
        with pytest.raises(ConnectionRefusedError):
            await guard.connect("s", environ(), opening(threadId=thread_id))
        await record.writer.submit(DeleteThread(thread_id, record.now(), BOB))
    assert handlers.called == []
    assert [event["participant_id"] for event in await refusals(record)] == [ADA, ADA]


async def test_ones_own_thread_is_opened(guard: Guard, handlers: Handlers, record: Record) -> None:
    """And the connection is kept, with its thread and its browser."""
    thread_id = await begin_thread(record)
    assert await guard.connect("s", environ(), opening(threadId=thread_id)) == "connect"
    assert handlers.of("connect")[0]["threadId"] == thread_id
    await record.writer.flush()
    kept = await one(record, "connections")
    assert (kept["thread_id"], kept["participant_id"], kept["user_agent"]) == (thread_id, ADA, "Browser")


async def test_a_deleted_thread_is_not_gone_on_with(guard: Guard, handlers: Handlers, record: Record) -> None:
    """A tab that is still open on it gets a new one."""
    thread_id = await begin_thread(record)
    await record.writer.submit(DeleteThread(thread_id, record.now(), ADA))
    await guard.connect("s", environ(), opening(threadId=thread_id))
    given = handlers.of("connect")[0]["threadId"]
    assert given != thread_id
    assert uuid.UUID(given).version == 4


async def test_a_page_that_outlived_its_server_finds_its_thread(
    guard: Guard, handlers: Handlers, record: Record
) -> None:
    """It names no thread, for its conversation began in it; the record knows which one it was."""
    thread_id = await begin_thread(record)
    auth = opening()
    record.connections.opened(
        "old", session_id=auth["sessionId"], participant_id=ADA, thread_id=thread_id, user_agent=""
    )
    await record.writer.flush()
    await guard.connect("s", environ(), auth)
    assert handlers.of("connect")[0]["threadId"] == thread_id


async def test_anothers_session_leads_to_no_thread(guard: Guard, handlers: Handlers, record: Record) -> None:
    """Whoever guesses a session's id gets a new thread."""
    auth = opening()
    record.connections.opened(
        "old",
        session_id=auth["sessionId"],
        participant_id=BOB,
        thread_id=await begin_thread(record, owner=BOB),
        user_agent="",
    )
    await record.writer.flush()
    await guard.connect("s", environ(), auth)
    assert handlers.of("connect")[0]["threadId"] is None


async def test_a_page_says_nothing_else_of_itself(guard: Guard, handlers: Handlers) -> None:
    """Environment variables, another kind of client, a profile that is no name: none goes through."""
    await guard.connect(
        "s", environ(), opening(userEnv='{"KEY": "x"}', clientType="teams", chatProfile=["Agent"], extra=1)
    )
    passed = handlers.of("connect")[0]
    assert (passed["userEnv"], passed["clientType"], passed["chatProfile"]) == (None, "webapp", None)
    assert "extra" not in passed


async def test_a_page_that_is_gone_has_closed_its_connection(
    guard: Guard, handlers: Handlers, record: Record
) -> None:
    """With the reason, and Chainlit hears of it too."""
    await guard.connect("s", environ(), opening())
    await guard.disconnect("s", "ping timeout")
    await record.writer.flush()
    assert (await one(record, "connections"))["close_reason"] == "ping timeout"
    assert handlers.of("disconnect") == ["s"]


async def test_a_page_is_told_whose_it_is_before_its_thread_comes(
    guard: Guard, handlers: Handlers, chat: FakeChat, page: FakePage
) -> None:
    """What it keeps in the browser is one participant's; its room is entered before the thread is read."""
    await guard.connection_successful(page.sid)
    assert page.of("hello") == [{"participant": ADA, "thread": page.thread_id}]
    assert handlers.of("connection_successful") == [page.sid]
    assert [what for what, _ in chat.pages] == ["opening", "opened"]


async def test_a_page_that_is_gone_leaves_its_room(guard: Guard, chat: FakeChat, page: FakePage) -> None:
    """Once; a socket that has been replaced takes nobody with it."""
    await guard.disconnect("an older socket of the page's")
    assert chat.pages == []
    await guard.disconnect(page.sid)
    assert chat.pages == [("gone", page.session)]
