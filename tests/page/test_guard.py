"""The guard before Chainlit's socket handlers: what a client may say."""

import uuid
from typing import Any

import pytest

from data_layer.record import Record
from page.guard import Guard
from study.vocabulary import PARTICIPANT_AUTHOR
from tests.data_layer.rows import ADA, BOB, count, new_id, one
from tests.page.gate import FakeChat, Handlers, refusals, said
from tests.pages import FakePage


def test_only_what_this_app_uses_is_let_through(guard: Guard, handlers: Handlers) -> None:
    """Events of features that are off have no handler at all: audio, favourites, settings, windows."""
    assert set(guard.handlers()) == {
        "connect",
        "connection_successful",
        "clear_session",
        "disconnect",
        "fetch_favorites",
        "client_message",
        "edit_message",
        "stop",
    }


async def test_a_message_keeps_only_its_id_and_its_words(
    guard: Guard, handlers: Handlers, page: FakePage
) -> None:
    """Whatever else the client says of it is replaced by what is so."""
    sent = said(
        "Hello",
        parentId=new_id(),
        threadId="",
        metadata={"favorite": True},
        createdAt="1999-01-01T00:00:00Z",
        isError=True,
        streaming=True,
        command="/admin",
        modes={"a": "b"},
        tags=["x"],
        input="forged",
    )
    await guard.client_message(page.sid, sent)
    passed = handlers.of("client_message")[0]["message"]
    assert passed.pop("createdAt") > "2026"
    assert passed == {
        "id": sent["message"]["id"],
        "threadId": page.thread_id,
        "parentId": None,
        "type": "user_message",
        "name": PARTICIPANT_AUTHOR,
        "output": "Hello",
        "metadata": {},
    }


async def test_a_page_that_is_elsewhere_is_told_so(
    guard: Guard, handlers: Handlers, record: Record, page: FakePage
) -> None:
    """It shows one thread and is connected to another: its words are kept in neither until then."""
    sent = said(threadId=new_id())
    await guard.client_message(page.sid, sent)
    assert handlers.called == []
    assert page.of("elsewhere") == [{"id": sent["message"]["id"]}]
    await guard.client_message(page.sid, said(threadId=page.thread_id))
    assert len(handlers.of("client_message")) == 1


JUNK: list[Any] = [
    None,
    [],
    "message",
    7,
    {},
    {"message": None},
    {"message": ["output"]},
    {"message": "output"},
    said(None),
    said(7),
    said(["Hello"]),
    said({"a": "b"}),
    said(id=None),
    said(id=7),
    said(id=""),
    said(id="zz') OR ('1'='1"),
    said(id=str(uuid.uuid1())),
    said(id=new_id().upper()),
    said(id=[new_id()]),
    said(type="assistant_message"),
    said(type="system_message"),
    said(type="run"),
    said(type=None),
    said(type=["user_message"]),
    said(name="Agent"),
    said(name=BOB),
    said(name=7),
    said(name={}),
    said(name=["User"]),
]


@pytest.mark.parametrize("payload", JUNK, ids=range(len(JUNK)))
async def test_what_our_page_never_sends_is_refused(
    guard: Guard, handlers: Handlers, chat: FakeChat, record: Record, page: FakePage, payload: Any
) -> None:
    """Forged types, authors and ids, and other shapes: neither said nor edited, and kept as an event."""
    await guard.client_message(page.sid, payload)
    await guard.edit_message(page.sid, payload)
    assert handlers.called == []
    assert chat.edits == []
    assert [event["participant_id"] for event in await refusals(record)] == [ADA, ADA]
    assert await count(record, "steps") == 0


async def test_a_refusal_is_told_and_taken_off_the_screen(guard: Guard, page: FakePage) -> None:
    """The page has drawn the message on its own; it may write again."""
    sent = said(type="assistant_message")
    await guard.client_message(page.sid, sent)
    assert page.of("delete_message") == [{"id": sent["message"]["id"]}]
    assert len(page.of("toast")) == 1
    assert page.of("task_end") == [{}]


async def test_a_refused_edit_takes_nothing_off_the_screen(guard: Guard, page: FakePage) -> None:
    """What stands there under that id is a message that is kept."""
    await guard.edit_message(page.sid, said("", id=new_id()))
    assert page.of("delete_message") == []


async def test_a_refusal_repeats_nobodys_words(guard: Guard, record: Record, page: FakePage) -> None:
    """The event says what was wrong, not what was said."""
    await guard.client_message(page.sid, said("my secret", type="assistant_message"))
    assert "secret" not in str(await refusals(record))


@pytest.mark.parametrize(
    "blank", ["", " ", "\n\t\r", "\u00a0\u2003\u2028", "\u200b\ufeff", "\x00\x07", "\u202e"]
)
async def test_a_message_of_which_nothing_can_be_seen_is_not_sent(
    guard: Guard, handlers: Handlers, page: FakePage, blank: str
) -> None:
    """White space, control and format characters alone are nothing to answer."""
    await guard.client_message(page.sid, said(blank))
    assert handlers.called == []
    assert "nothing to send" in page.of("toast")[0]["message"]


@pytest.mark.parametrize(
    ("text", "passed"),
    [
        ("  indented\n", "  indented\n"),
        ("שלום \u202eabc", "שלום \u202eabc"),
        ("👩‍👩‍👧‍👦", "👩‍👩‍👧‍👦"),
        ("bell\x07", "bell\x07"),
        ("nul\x00", "nul\ufffd"),
        ("half \ud83d", "half \ufffd"),
        ("x" * 100_000, "x" * 100_000),
        (".", "."),
    ],
)
async def test_words_of_any_kind_are_passed_on(
    guard: Guard, handlers: Handlers, page: FakePage, text: str, passed: str
) -> None:
    """Nothing is trimmed; what no database can hold becomes what the page shows for it."""
    await guard.client_message(page.sid, said(text))
    assert handlers.of("client_message")[0]["message"]["output"] == passed


@pytest.mark.parametrize("name", [None, "", "User", ADA, "Ada"])
async def test_ones_own_names_are_no_forgery(
    guard: Guard, handlers: Handlers, page: FakePage, name: str | None
) -> None:
    """Chainlit's page uses one or the other; none of them is kept."""
    await guard.client_message(page.sid, said(name=name))
    assert handlers.of("client_message")[0]["message"]["name"] == PARTICIPANT_AUTHOR


@pytest.mark.parametrize(
    "files", ["x", 7, {"id": "a"}, [1], [None], ["a"], [{}], [{"id": 7}], [{"id": ["a"]}]]
)
async def test_references_of_another_shape_are_left_out(
    guard: Guard, handlers: Handlers, page: FakePage, files: Any
) -> None:
    """Chainlit would fail on them after it has kept the message, and never answer it."""
    await guard.client_message(page.sid, said() | {"fileReferences": files})
    assert handlers.of("client_message")[0]["fileReferences"] is None


async def test_references_to_files_go_to_the_chat_stage(
    guard: Guard, handlers: Handlers, chat: FakeChat, page: FakePage
) -> None:
    """By their ids, without what else is sent along; Chainlit, which would keep its own, gets none."""
    upload = new_id()
    files = [{"id": upload, "path": "/etc/passwd"}, {"id": "../x"}, 7]
    await guard.client_message(page.sid, said() | {"fileReferences": files})
    assert chat.attached == (upload,)
    assert handlers.of("client_message")[0]["fileReferences"] is None


async def test_a_message_may_be_files_alone(guard: Guard, handlers: Handlers, page: FakePage) -> None:
    """Without words, as long as a file comes with it."""
    await guard.client_message(page.sid, said(" ") | {"fileReferences": [{"id": new_id()}]})
    assert len(handlers.of("client_message")) == 1
    await guard.client_message(page.sid, said(" ") | {"fileReferences": [{"id": "none"}]})
    assert len(handlers.of("client_message")) == 1


async def test_an_edit_goes_to_the_chat_and_not_to_chainlit(
    guard: Guard, handlers: Handlers, chat: FakeChat, page: FakePage
) -> None:
    """Chainlit would delete what came after it."""
    sent = said("Better\x00")
    await guard.edit_message(page.sid, sent)
    assert chat.edits == [(sent["message"]["id"], "Better\ufffd")]
    assert handlers.called == []


async def test_a_stop_goes_to_the_chat_and_not_to_chainlit(
    guard: Guard, handlers: Handlers, chat: FakeChat, record: Record, page: FakePage
) -> None:
    """Chainlit would write a message of its own; that Stop was pressed is kept as an event."""
    await guard.stop(page.sid)
    await record.writer.flush()
    assert (chat.stops, handlers.called) == (1, [])
    event = await one(record, "events")
    assert (event["type"], event["thread_id"], event["participant_id"]) == (
        "stop_pressed",
        page.thread_id,
        ADA,
    )
