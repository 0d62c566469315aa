"""What a participant's pages ask for, held to a pace."""

from typing import Any, Final

import pytest

from data_layer.record import Record
from page.chat.event_rate_limit import PACES, TURNED, EventRateLimit
from page.chat.guard import Handler
from study.pace import OPENED, SPOKEN
from tests.data_layer.rows import ADA, BOB
from tests.page.gate import Handlers, environ, opening, said, told
from tests.pages import FakePage

ID: Final = "4d0a3c4e-58a2-4e51-9f6e-0f6f0a3f5c11"


@pytest.fixture
def held(record: Record, handlers: Handlers, page: FakePage) -> dict[str, Handler]:
    """Handlers behind the pace."""
    return EventRateLimit(record, lambda session, key, **values: f"{key} {values} {session.id}").hold(
        handlers.all()
    )


async def test_what_is_not_too_much_comes_through(held: dict[str, Handler], page: FakePage) -> None:
    """With what it brought, and with the handler's answer."""
    assert await held["client_message"](page.sid, said()) == "client_message"
    assert page.emitted == []


async def test_too_many_messages_are_not_heard(
    held: dict[str, Handler], handlers: Handlers, page: FakePage, record: Record
) -> None:
    """The page is told each time, and may write again; one row of the record tells of all."""
    for _ in range(SPOKEN[0] + 10):
        await held["client_message"](page.sid, said())
    assert len(handlers.of("client_message")) == SPOKEN[0]
    toasts = [toast["message"] for toast in page.of("toast")]
    assert len(toasts) == 10
    assert set(toasts) <= {f"chat.too_fast {{'seconds': {seconds}}} {page.session.id}" for seconds in (1, 2)}
    assert page.of("task_end") == [{}] * 10
    assert await told(record) == [(ADA, "client_message")]


async def test_what_sets_the_agent_to_work_is_counted_together(
    held: dict[str, Handler], handlers: Handlers, page: FakePage
) -> None:
    """Edits are messages as well; and a second page of the same participant is no second person."""
    other = FakePage(ADA)
    for _ in range(SPOKEN[0]):
        await held["client_message"](page.sid, said())
    await held["edit_message"](other.sid, said(id=ID))
    assert handlers.of("edit_message") == []
    assert other.of("too_fast") == [{"id": ID, "edited": True}]


async def test_what_was_too_fast_is_named_to_its_page(held: dict[str, Handler], page: FakePage) -> None:
    """By the id that the page gave it, so that it can be sent again."""
    for _ in range(SPOKEN[0]):
        await held["client_message"](page.sid, said())
    await held["client_message"](page.sid, said(id=ID))
    await held["client_message"](page.sid)
    assert page.of("too_fast") == [{"id": ID, "edited": False}, {"id": None, "edited": False}]


async def test_one_participants_flood_is_nobody_elses(
    held: dict[str, Handler], handlers: Handlers, page: FakePage
) -> None:
    """Others speak as before."""
    for _ in range(SPOKEN[0] + 1):
        await held["client_message"](page.sid, said())
    assert await held["client_message"](FakePage(BOB).sid, said()) == "client_message"


async def test_one_stop_too_many_is_told_without_a_message(
    held: dict[str, Handler], handlers: Handlers, page: FakePage
) -> None:
    """There are no words to give back; less than a second is said as one."""
    for _ in range(10 * TURNED[0]):
        heard = len(handlers.of("stop"))
        await held["stop"](page.sid)
        if page.of("toast"):
            break
    assert heard == len(handlers.of("stop")) >= TURNED[0]
    said_to_it = f"chat.too_fast {{'seconds': 1}} {page.session.id}"
    assert page.emitted == [("toast", {"message": said_to_it, "type": "warning"}), ("task_end", {})]


async def test_what_nobody_says_is_the_guards_to_refuse(held: dict[str, Handler], page: FakePage) -> None:
    """A socket without a page, or with one that is nobody's: there is nobody to count."""
    page.session.user = None
    for sid in ("stranger", page.sid):
        for _ in range(SPOKEN[0] + 1):
            assert await held["client_message"](sid, said()) == "client_message"


async def test_to_leave_is_never_too_much(held: dict[str, Handler], page: FakePage) -> None:
    """Nor is what nobody counts."""
    for _ in range(500):
        assert await held["disconnect"](page.sid) == "disconnect"
        assert await held["fetch_favorites"](page.sid) == "fetch_favorites"


async def test_too_many_pages_are_not_opened(
    held: dict[str, Handler], handlers: Handlers, record: Record
) -> None:
    """Each makes a session, which stays for a quarter of an hour; the record tells of it."""
    for number in range(OPENED[0]):
        assert await held["connect"](f"s{number}", environ(), opening()) == "connect"
    with pytest.raises(ConnectionRefusedError):
        await held["connect"]("one more", environ(), opening())
    assert await held["connect"]("another's", environ(BOB), opening()) == "connect"
    assert await told(record) == [(ADA, "connect")]


@pytest.mark.parametrize("who", [environ(None), {}, {"asgi.scope": None}, None, "x"])
async def test_nobodys_connection_is_the_guards_to_refuse(held: dict[str, Handler], who: Any) -> None:
    """There is nobody to count."""
    assert await held["connect"]("s", who, opening()) == "connect"


async def test_every_event_that_is_held_is_one_that_is_heard(held: dict[str, Handler]) -> None:
    """A name that is misspelt here would hold nothing."""
    ours = {
        "try_again",
        "show_branch",
        "answer_form",
        "answer_offer",
    }  # page/chat/turn_guard.py, form_guard.py
    assert set(PACES) - ours <= set(held)
