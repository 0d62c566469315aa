"""The two events of our own page: what a client may say by them."""

from typing import Any

import pytest
from chainlit.session import WebsocketSession

from data_layer.record import Record
from page.chat.form_guard import FormGuard
from page.chat.guard import Guard
from page.chat.turn_guard import MOST_BRANCHES, TurnGuard
from page.chat.typing_guard import TypingGuard
from tests.data_layer.rows import ADA, new_id
from tests.page.gate import told
from tests.pages import FakePage
from web.socket_events import FromPage


class Asked:
    """The chat stage's Chainlit side: remembers what it was asked for."""

    def __init__(self) -> None:
        self.deeds: list[tuple[Any, ...]] = []

    async def on_again(self, session: WebsocketSession, step_id: str) -> None:
        """Somebody wants another answer."""
        self.deeds.append((session.thread_id, step_id))

    async def on_branch(self, session: WebsocketSession, step_id: str, number: int) -> None:
        """Somebody walks."""
        self.deeds.append((session.thread_id, step_id, number))


@pytest.fixture
def asked() -> Asked:
    """The chat stage."""
    return Asked()


@pytest.fixture
def turns(record: Record, asked: Asked, guard: Guard) -> TurnGuard:
    """The guard before it."""
    return TurnGuard(record, asked)


async def test_each_event_of_our_page_has_its_guard(turns: TurnGuard, record: Record) -> None:
    """A name that joins the others without one is seen here, and one that left takes its guard along."""
    chat: Any = Asked()
    others = (TypingGuard(record.presence), FormGuard(record, chat))
    assert {*turns.handlers(), *(event for one in others for event in one.handlers())} == {*FromPage}


async def test_what_our_page_sends_is_handed_on(turns: TurnGuard, asked: Asked, page: FakePage) -> None:
    """For the thread of the page's own session, whatever else the client names."""
    step_id = new_id()
    heard = turns.handlers()
    await heard["try_again"](page.sid, {"step_id": step_id, "thread_id": new_id()})
    for number in (1, 2, MOST_BRANCHES):
        await heard["show_branch"](page.sid, {"step_id": step_id, "number": number})
    walks = [(page.thread_id, step_id, number) for number in (1, 2, MOST_BRANCHES)]
    assert asked.deeds == [(page.thread_id, step_id), *walks]


@pytest.mark.parametrize("data", [(), ("x", "y"), (None, {}, [])])
async def test_as_much_may_come_as_likes_to(
    turns: TurnGuard, asked: Asked, record: Record, page: FakePage, data: tuple[Any, ...]
) -> None:
    """No event fails for how many things came with it."""
    for handler in (turns.handlers() | TypingGuard(record.presence).handlers()).values():
        await handler(page.sid, *data)
    assert asked.deeds == []


@pytest.mark.parametrize(
    "payload",
    [
        None,
        [],
        "x",
        {},
        {"step_id": None, "number": 1},
        {"step_id": ["a"], "number": 1},
        {"step_id": "zz') OR ('1'='1", "number": 1},
        {"step_id": "3F0C2A57-5D0E-4F6B-9F4E-2F2A5A6B7C8D", "number": 1},
    ],
)
async def test_an_id_that_is_none_is_refused(
    turns: TurnGuard, asked: Asked, record: Record, page: FakePage, payload: Any
) -> None:
    """Neither event does anything; both refusals are kept."""
    await turns.try_again(page.sid, payload)
    await turns.show_branch(page.sid, payload)
    assert asked.deeds == []
    assert await told(record) == [(ADA, "try_again"), (ADA, "show_branch")]


@pytest.mark.parametrize("number", [None, "1", True, 1.0, 0, -1, MOST_BRANCHES + 1, 2**70, [1]])
async def test_a_number_that_is_none_is_refused(
    turns: TurnGuard, asked: Asked, record: Record, page: FakePage, number: Any
) -> None:
    """The arrows count from 1."""
    await turns.show_branch(page.sid, {"step_id": new_id(), "number": number})
    assert asked.deeds == []
    assert await told(record) == [(ADA, "show_branch")]


async def test_who_is_not_connected_does_nothing(turns: TurnGuard, asked: Asked, page: FakePage) -> None:
    """A socket that Chainlit does not know, or of nobody."""
    page.session.user = None
    for sid in ("nobody", page.sid):
        await turns.try_again(sid, {"step_id": new_id()})
        await turns.show_branch(sid, {"step_id": new_id(), "number": 1})
    assert asked.deeds == []
