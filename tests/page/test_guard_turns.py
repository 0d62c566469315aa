"""The two events of our own page: what a client may say by them."""

from typing import Any

import pytest
from chainlit.session import WebsocketSession

from data_layer.record import Record
from page.guard import Guard
from page.guard_turns import MOST_BRANCHES, TurnGuard
from tests.data_layer.rows import ADA, new_id
from tests.page.gate import refusals
from tests.pages import FakePage


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


async def test_what_our_page_sends_is_handed_on(turns: TurnGuard, asked: Asked, page: FakePage) -> None:
    """For the thread of the page's own session, whatever else the client names."""
    step_id = new_id()
    await turns.try_again(page.sid, {"step_id": step_id, "thread_id": new_id()})
    await turns.show_branch(page.sid, {"step_id": step_id, "number": 2})
    assert asked.deeds == [(page.thread_id, step_id), (page.thread_id, step_id, 2)]


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
    assert [event["participant_id"] for event in await refusals(record)] == [ADA, ADA]


@pytest.mark.parametrize("number", [None, "1", True, 1.0, 0, -1, MOST_BRANCHES + 1, 2**70, [1]])
async def test_a_number_that_is_none_is_refused(
    turns: TurnGuard, asked: Asked, record: Record, page: FakePage, number: Any
) -> None:
    """The arrows count from 1."""
    await turns.show_branch(page.sid, {"step_id": new_id(), "number": number})
    assert asked.deeds == []
    assert len(await refusals(record)) == 1


async def test_who_is_not_connected_does_nothing(turns: TurnGuard, asked: Asked) -> None:
    """A socket that Chainlit does not know."""
    await turns.try_again("nobody", {"step_id": new_id()})
    await turns.show_branch("nobody", {"step_id": new_id(), "number": 1})
    assert asked.deeds == []
