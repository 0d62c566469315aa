"""The guard before Chainlit's socket handlers: what a client may say."""

import asyncio
import uuid
from collections.abc import Sequence
from typing import Any

import pytest
from chainlit.session import WebsocketSession

from data_layer.record import Record
from page.chat.guard import Guard
from study.strings import strings_in
from tests.data_layer.rows import ADA, BOB, begin_thread, count, execute, new_id, one
from tests.page.gate import FakeChat, Handlers, refusals, said, told
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
    guard: Guard, handlers: Handlers, chat: FakeChat, page: FakePage
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
    assert chat.heard == [(page.session, sent["message"]["id"], "Hello", ())]
    assert handlers.called == []


@pytest.mark.parametrize("data", [(), ("x",), (None, {}, []), ({"message": {}}, {"message": {}})])
async def test_as_much_may_come_as_likes_to(
    guard: Guard, handlers: Handlers, chat: FakeChat, page: FakePage, data: tuple[Any, ...]
) -> None:
    """No event fails for how many things came with it: a failure is a page of the log each time."""
    for event, handler in guard.handlers().items():
        if event not in ("connect", "disconnect"):  # Socket.IO's own: no client says them.
            await handler(page.sid, *data)
    assert chat.heard == []


async def test_a_page_that_is_elsewhere_is_told_so(
    guard: Guard, handlers: Handlers, chat: FakeChat, record: Record, page: FakePage
) -> None:
    """It shows one thread and is connected to another: its words are kept in neither until then."""
    sent = said(threadId=new_id())
    await guard.client_message(page.sid, sent)
    assert (handlers.called, chat.heard) == ([], [])
    assert page.of("elsewhere") == [{"id": sent["message"]["id"]}]
    await guard.client_message(page.sid, said(threadId=page.thread_id))
    assert len(chat.heard) == 1


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
    assert (handlers.called, chat.heard) == ([], [])
    assert chat.edits == []
    assert await told(record) == [(ADA, "client_message"), (ADA, "edit_message")]
    assert await count(record, "steps") == 0


async def test_a_first_message_takes_no_id_of_another_thread(
    guard: Guard, chat: FakeChat, record: Record, page: FakePage
) -> None:
    """Refused before a thread is made for it, which would stay empty."""
    await begin_thread(record, owner=BOB)
    taken = (await one(record, "steps"))["step_id"]
    await guard.client_message(page.sid, said(id=taken))
    assert chat.heard == []
    assert await told(record) == [(ADA, "client_message")]


async def test_a_first_message_that_came_twice_is_passed_on(
    guard: Guard, handlers: Handlers, chat: FakeChat, record: Record
) -> None:
    """Its page was not told that it had arrived; the record knows that it is the same."""
    page = FakePage(ADA, await begin_thread(record))
    came = (await one(record, "steps"))["step_id"]
    await guard.client_message(page.sid, said(id=came))
    assert len(chat.heard) == 1


async def test_a_first_message_is_heard_while_the_database_is_away(
    guard: Guard, handlers: Handlers, chat: FakeChat, record: Record, page: FakePage
) -> None:
    """It goes to the journal; whether its id is taken is seen when that is written."""
    await execute(record.database, "ALTER TABLE steps RENAME TO away")
    await guard.client_message(page.sid, said())
    assert len(chat.heard) == 1


class Busy(FakeChat):
    """Takes a while to look for each file, and has a reply to stop once it has heard something."""

    async def files_of(
        self, session: WebsocketSession, message_id: str, references: Sequence[str]
    ) -> tuple[str, ...]:
        """Which of a message's uploads are its participant's."""
        for _ in references:
            await asyncio.sleep(0)
        return tuple(references)

    def on_stop(self, session: WebsocketSession) -> bool:
        """Somebody has pressed Stop."""
        return bool(self.heard)


async def test_what_is_said_at_once_is_heard_in_its_order(
    handlers: Handlers, record: Record, page: FakePage
) -> None:
    """A page that was disconnected sends all of it when it is back; some of it takes longer to look up."""
    chat = Busy()
    guard = Guard(handlers.all(), record, chat)  # type: ignore[arg-type]  # What of it the guard uses.
    sent = [said(f"{number}.") for number in range(5)]
    for number, message in enumerate(sent):
        message["fileReferences"] = [{"id": new_id()} for _ in range(5 - number)]
    page.session.has_first_interaction = True
    await asyncio.gather(*(guard.client_message(page.sid, message) for message in sent))
    assert [text for _, _, text, _ in chat.heard] == ["0.", "1.", "2.", "3.", "4."]


async def test_a_stop_is_about_the_message_before_it(
    handlers: Handlers, record: Record, page: FakePage
) -> None:
    """However long it takes to look that message up."""
    guard = Guard(handlers.all(), record, Busy())  # type: ignore[arg-type]  # What of it the guard uses.
    await asyncio.gather(guard.client_message(page.sid, said()), guard.stop(page.sid))
    await record.writer.flush()
    assert (await one(record, "events", type="stop_pressed"))["payload"] == {"stopped": True}


async def test_a_refusal_is_told_and_taken_off_the_screen(
    guard: Guard, chat: FakeChat, page: FakePage
) -> None:
    """The page has drawn the message on its own; it may write again. In the language of its participant."""
    sent = said(type="assistant_message")
    await guard.client_message(page.sid, sent)
    assert page.of("delete_message") == [{"id": sent["message"]["id"]}]
    assert page.of("toast") == [{"message": strings_in("en")("chat.not_readable"), "type": "warning"}]
    assert chat.asked_by == [page.session]
    assert page.of("task_end") == [{}]


async def test_a_refused_edit_takes_nothing_off_the_screen(guard: Guard, page: FakePage) -> None:
    """What stands there under that id is a message that is kept."""
    await guard.edit_message(page.sid, said("", id=new_id()))
    assert page.of("delete_message") == []
    assert "nothing to send" in page.of("toast")[0]["message"]


async def test_a_refusal_repeats_nobodys_words(guard: Guard, record: Record, page: FakePage) -> None:
    """The event says what was wrong, not what was said."""
    await guard.client_message(page.sid, said("my secret", type="assistant_message"))
    assert "secret" not in str(await refusals(record))


@pytest.mark.parametrize(
    "blank", ["", " ", "\n\t\r", "\u00a0\u2003\u2028", "\u200b\ufeff", "\x00\x07", "\u202e"]
)
async def test_a_message_of_which_nothing_can_be_seen_is_not_sent(
    guard: Guard, handlers: Handlers, chat: FakeChat, page: FakePage, blank: str
) -> None:
    """White space, control and format characters alone are nothing to answer."""
    await guard.client_message(page.sid, said(blank))
    assert (handlers.called, chat.heard) == ([], [])
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
    guard: Guard, handlers: Handlers, chat: FakeChat, page: FakePage, text: str, passed: str
) -> None:
    """Nothing is trimmed; what no database can hold becomes what the page shows for it."""
    await guard.client_message(page.sid, said(text))
    assert [text for _, _, text, _ in chat.heard] == [passed]


@pytest.mark.parametrize("name", [None, "", "User", ADA, "Ada"])
async def test_ones_own_names_are_no_forgery(
    guard: Guard, handlers: Handlers, chat: FakeChat, page: FakePage, name: str | None
) -> None:
    """Chainlit's page uses one or the other; none of them is kept."""
    await guard.client_message(page.sid, said(name=name))
    assert len(chat.heard) == 1


@pytest.mark.parametrize(
    "files", ["x", 7, {"id": "a"}, [1], [None], ["a"], [{}], [{"id": 7}], [{"id": ["a"]}]]
)
async def test_references_of_another_shape_are_left_out(
    guard: Guard, handlers: Handlers, chat: FakeChat, page: FakePage, files: Any
) -> None:
    """The message is heard without them."""
    await guard.client_message(page.sid, said() | {"fileReferences": files})
    assert [files for *_, files in chat.heard] == [()]


async def test_references_to_files_go_to_the_chat_stage(
    guard: Guard, handlers: Handlers, chat: FakeChat, page: FakePage
) -> None:
    """By their ids, without what else is sent along."""
    upload = new_id()
    files = [{"id": upload, "path": "/etc/passwd"}, {"id": "../x"}, 7]
    sent = said() | {"fileReferences": files}
    await guard.client_message(page.sid, sent)
    assert (chat.attached, chat.asked_by) == ((sent["message"]["id"], upload), [page.session])
    assert [files for *_, files in chat.heard] == [(upload,)]


async def test_a_message_may_be_files_alone(
    guard: Guard, handlers: Handlers, chat: FakeChat, page: FakePage
) -> None:
    """Without words, as long as a file comes with it."""
    await guard.client_message(page.sid, said(" ") | {"fileReferences": [{"id": new_id()}]})
    assert len(chat.heard) == 1
    await guard.client_message(page.sid, said(" ") | {"fileReferences": [{"id": "none"}]})
    assert len(chat.heard) == 1


async def test_files_that_are_not_ones_own_are_nothing_to_send(
    guard: Guard, handlers: Handlers, chat: FakeChat, page: FakePage
) -> None:
    """Without words, a message is only what its participant has uploaded."""
    chat.takes_files = False
    await guard.client_message(page.sid, said(" ") | {"fileReferences": [{"id": new_id()}]})
    assert (handlers.called, chat.heard) == ([], [])
    assert "nothing to send" in page.of("toast")[0]["message"]


async def test_an_edit_goes_to_the_chat_and_not_to_chainlit(
    guard: Guard, handlers: Handlers, chat: FakeChat, page: FakePage
) -> None:
    """Chainlit would delete what came after it."""
    sent = said("Better\x00")
    await guard.edit_message(page.sid, sent)
    assert chat.edits == [(sent["message"]["id"], "Better\ufffd")]
    assert chat.asked_by == [page.session]
    assert (handlers.called, chat.heard) == ([], [])


async def test_a_stop_goes_to_the_chat_and_not_to_chainlit(
    guard: Guard, handlers: Handlers, chat: FakeChat, record: Record, page: FakePage
) -> None:
    """Chainlit would write a message of its own; that Stop was pressed, and upon what, is kept."""
    record.connections.opened(
        page.sid, session_id=page.session.id, participant_id=ADA, thread_id=page.thread_id, user_agent=""
    )
    await guard.stop(page.sid)
    await record.writer.flush()
    assert (chat.stops, handlers.called) == ([page.session], [])
    event = await one(record, "events")
    assert (event["type"], event["thread_id"], event["participant_id"]) == (
        "stop_pressed",
        page.thread_id,
        ADA,
    )
    assert event["payload"] == {"stopped": True}
    assert event["connection_id"] == (await one(record, "connections"))["connection_id"]
