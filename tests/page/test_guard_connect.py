"""The guard before Chainlit's socket handlers: who may connect, and to which thread."""

import uuid
from datetime import timedelta
from typing import Any

import pytest

from data_layer.record import Record
from data_layer.writing.writes import DeleteThread
from page.chat.guard import Guard
from tests.data_layer.rows import ADA, BOB, begin_thread, count, execute, new_id, one
from tests.page.gate import FakeChat, Handlers, environ, opening, said, told
from tests.pages import FakePage


async def test_a_socket_without_a_page_says_nothing(
    guard: Guard, handlers: Handlers, chat: FakeChat, record: Record, page: FakePage
) -> None:
    """It was never let in, its page is gone, or it is nobody's."""
    page.session.user = None
    for sid in ("stranger", page.sid):
        for handle in (guard.client_message, guard.edit_message):
            await handle(sid, said())
        await guard.stop(sid)
        await guard.connection_successful(sid)
    assert handlers.called == []
    assert (chat.edits, chat.stops, chat.pages) == ([], [], [])
    assert await count(record, "events") == 0


@pytest.mark.parametrize("who", [environ(None), environ(secret="another secret of thirty-two bytes!!"), {}])
async def test_nobody_connects_without_a_cookie_of_ours(
    guard: Guard, handlers: Handlers, who: dict[str, Any]
) -> None:
    """None, a forged one, and a connection that is none."""
    with pytest.raises(ConnectionRefusedError):
        await guard.connect("s", who, opening())
    assert handlers.called == []


async def test_nobody_connects_by_a_sign_in_that_has_ended(
    guard: Guard, handlers: Handlers, record: Record
) -> None:
    """A page may hold its cookie longer than that; and nobody else's sign-in lets anybody in."""
    sign_in = await record.sign_ins.begin(ADA, "claim", timedelta(days=1))
    with pytest.raises(ConnectionRefusedError):
        await guard.connect("s", environ(BOB, metadata={"sign_in": sign_in}), opening())
    await guard.connect("s", environ(metadata={"sign_in": sign_in}), opening())
    await record.sign_ins.end(sign_in)
    with pytest.raises(ConnectionRefusedError):
        await guard.connect("s", environ(metadata={"sign_in": sign_in}), opening())
    assert len(handlers.of("connect")) == 1


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
    assert await told(record) == [(ADA, "connect")]


async def test_anothers_thread_is_refused(guard: Guard, handlers: Handlers, record: Record) -> None:
    """Living or deleted, whether or not Chainlit would notice."""
    thread_id = await begin_thread(record, owner=BOB)
    for _ in range(2):
        with pytest.raises(ConnectionRefusedError):
            await guard.connect("s", environ(), opening(threadId=thread_id))
        await record.writer.submit(DeleteThread(thread_id, record.now(), BOB))
    assert handlers.called == []
    assert await told(record) == [(ADA, "connect"), (ADA, "connect")]


async def test_nobody_is_let_in_unlooked_at(guard: Guard, handlers: Handlers, record: Record) -> None:
    """While nobody can say whose a thread is, it opens for nobody; the page tries again."""
    thread_id = await begin_thread(record)
    await execute(record.database, "ALTER TABLE threads RENAME TO away")
    with pytest.raises(ConnectionRefusedError):
        await guard.connect("s", environ(), opening(threadId=thread_id))
    assert handlers.called == []


async def test_ones_own_thread_is_opened(guard: Guard, handlers: Handlers, record: Record) -> None:
    """And the connection is kept, with its thread and its browser."""
    thread_id = await begin_thread(record)
    brought, auth = environ(), opening(threadId=thread_id)
    assert await guard.connect("s", brought, auth) == "connect"
    passed = handlers.of("connect")[0]
    assert (passed["threadId"], passed["sessionId"]) == (thread_id, auth["sessionId"])
    assert handlers.environ is brought
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


@pytest.mark.parametrize(
    ("profile", "passed"),
    [("A", "A"), ("x" * 100, "x" * 100), ("", None), ("x" * 101, None), (None, None), (["Agent"], None)],
)
async def test_a_page_names_its_agent_shortly(
    guard: Guard, handlers: Handlers, profile: Any, passed: str | None
) -> None:
    """Chainlit keeps the name with the page as long as that lives."""
    await guard.connect("s", environ(), opening(chatProfile=profile))
    assert handlers.of("connect")[0]["chatProfile"] == passed


async def test_a_page_that_is_gone_has_closed_its_connection(
    guard: Guard, handlers: Handlers, record: Record
) -> None:
    """With the reason, and Chainlit hears of it too."""
    await guard.connect("s", environ(), opening())
    await guard.disconnect("s", "ping timeout")
    await record.writer.flush()
    assert (await one(record, "connections"))["close_reason"] == "ping timeout"
    assert handlers.of("disconnect") == ["s"]


async def test_a_page_that_is_gone_lets_go_of_its_socket(guard: Guard, page: FakePage) -> None:
    """It is kept for a quarter of an hour, with its language and its cookie, and without the connection."""
    said: dict[str, Any] = {"HTTP_ACCEPT_LANGUAGE": "de", "HTTP_COOKIE": "verbatim_language=fr"}
    for sid, kept in (("an older socket of the page's", environ() | said), (page.sid, said)):
        page.session.environ = environ() | said
        await guard.disconnect(sid)
        assert page.session.environ == kept


@pytest.mark.parametrize("reason", [(), ("",)])
async def test_a_page_that_left_without_a_word_is_closed(
    guard: Guard, record: Record, reason: tuple[str, ...]
) -> None:
    """The record says so where Socket.IO gives no reason; nor need a browser say what it is."""
    brought = environ()
    del brought["HTTP_USER_AGENT"]
    await guard.connect("s", brought, opening())
    await guard.disconnect("s", *reason)
    await record.writer.flush()
    kept = await one(record, "connections")
    assert (kept["close_reason"], kept["user_agent"]) == ("closed", "")


async def test_a_page_is_told_whose_it_is_before_its_thread_comes(
    guard: Guard, handlers: Handlers, chat: FakeChat, page: FakePage
) -> None:
    """What it keeps in the browser is one participant's; its room is entered before the thread is read."""
    await guard.connection_successful(page.sid)
    assert page.of("hello") == [{"participant": ADA, "thread": page.thread_id}]
    assert handlers.of("connection_successful") == [page.sid]
    assert chat.pages == [("opening", page.session), ("opened", page.session)]


async def test_a_page_that_is_gone_leaves_its_room(guard: Guard, chat: FakeChat, page: FakePage) -> None:
    """Once; a socket that has been replaced takes nobody with it."""
    await guard.disconnect("an older socket of the page's")
    assert chat.pages == []
    await guard.disconnect(page.sid)
    assert chat.pages == [("gone", page.session)]
