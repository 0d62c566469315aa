"""What a participant's pages ask for, held to a pace."""

from typing import Any

import pytest

from data_layer.record import Record
from page.flood import OPENED, PACES, SPOKEN, Flood
from page.guard import Handler
from tests.data_layer.rows import ADA, BOB
from tests.page.gate import Handlers, environ, opening, refusals, said
from tests.pages import FakePage


@pytest.fixture
def held(record: Record, handlers: Handlers, page: FakePage) -> dict[str, Handler]:
    """Handlers behind the pace."""
    return Flood(record, lambda _session, key: key).hold(handlers.all())


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
    assert [toast["message"] for toast in page.of("toast")] == ["chat.too_fast"] * 10
    assert page.of("task_end") == [{}] * 10
    assert [(row["participant_id"], row["payload"]["what"]) for row in await refusals(record)] == [
        (ADA, "client_message")
    ]


async def test_what_sets_the_agent_to_work_is_counted_together(
    held: dict[str, Handler], handlers: Handlers, page: FakePage
) -> None:
    """Edits are messages as well; and a second page of the same participant is no second person."""
    other = FakePage(ADA)
    for _ in range(SPOKEN[0]):
        await held["client_message"](page.sid, said())
    await held["edit_message"](other.sid, said())
    assert handlers.of("edit_message") == []


async def test_one_participants_flood_is_nobody_elses(
    held: dict[str, Handler], handlers: Handlers, page: FakePage
) -> None:
    """Others speak as before."""
    for _ in range(SPOKEN[0] + 1):
        await held["client_message"](page.sid, said())
    assert await held["client_message"](FakePage(BOB).sid, said()) == "client_message"


async def test_to_leave_is_never_too_much(held: dict[str, Handler], page: FakePage) -> None:
    """Nor is what nobody counts."""
    for _ in range(500):
        assert await held["disconnect"](page.sid) == "disconnect"
        assert await held["fetch_favorites"](page.sid) == "fetch_favorites"


async def test_too_many_pages_are_not_opened(held: dict[str, Handler], handlers: Handlers) -> None:
    """Each makes a session, which stays for a quarter of an hour."""
    for number in range(OPENED[0]):
        assert await held["connect"](f"s{number}", environ(), opening()) == "connect"
    with pytest.raises(ConnectionRefusedError):
        await held["connect"]("one more", environ(), opening())
    assert await held["connect"]("another's", environ(BOB), opening()) == "connect"


@pytest.mark.parametrize("who", [environ(None), {}, {"asgi.scope": None}])
async def test_nobodys_connection_is_the_guards_to_refuse(
    held: dict[str, Handler], who: dict[str, Any]
) -> None:
    """There is nobody to count."""
    assert await held["connect"]("s", who, opening()) == "connect"


async def test_every_event_that_is_held_is_one_that_is_heard(held: dict[str, Handler]) -> None:
    """A name that is misspelt here would hold nothing."""
    ours = {"try_again", "show_branch"}  # page/guard_turns.py
    assert set(PACES) - ours <= set(held)
