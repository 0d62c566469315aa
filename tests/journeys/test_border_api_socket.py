"""The API's WebSocket before a whole server: who may open one, with what, and onto whose thread."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import httpx2
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.journeys.attacker import World
from tests.journeys.border_world import Belongings
from tests.journeys.raw_socket import cookies_of

pytestmark = pytest.mark.journey

UNKNOWN = "00000000-0000-4000-8000-000000000000"


async def first_told(
    world: World, thread: str, headers: Mapping[str, str], *said: Mapping[str, Any]
) -> tuple[list[dict[str, Any]], int | None]:
    """Open one, say something, and read two events at most.

    Returns:
        They, and the code that it was closed with, if it was.
    """
    address = f"{world.server.url.replace('http', 'ws', 1)}/api/v1/ws/chat/{thread}"
    told: list[dict[str, Any]] = []
    async with asyncio.timeout(60), connect(address, additional_headers=headers) as socket:
        try:
            for message in said:
                await socket.send(json.dumps(message))
            while len(told) < 2:
                told.append(json.loads(await socket.recv()))
        except ConnectionClosed as closed:
            return told, closed.rcvd.code if closed.rcvd else None
    return told, None


def cookie(client: httpx2.Client, **headers: str) -> dict[str, str]:
    """The headers of who comes by the page's cookie."""
    return {"Cookie": cookies_of(client), **headers}


async def test_the_pages_cookie_opens_ones_own_thread_from_ones_own_page(
    world: World, owners: Belongings
) -> None:
    """And what is said is answered, as on the page."""
    owner = world.somebody("owner of a socket")
    origin = {"Origin": world.server.url}
    begun = owner.post("/api/v1/threads", json={}, headers=origin).json()["thread"]["id"]
    told, code = await first_told(world, begun, cookie(owner, **origin), {"type": "ping"})
    assert ([event["event"] for event in told], code) == (["status", "pong"], None)


async def test_another_sites_page_opens_none_with_the_cookie(world: World, owners: Belongings) -> None:
    """A browser sends the cookie along, and says whose page it is."""
    headers = cookie(world.somebody("owner of a socket"), Origin="https://evil.example")
    with pytest.raises(InvalidStatus) as refused:
        await first_told(world, UNKNOWN, headers)
    assert refused.value.response.status_code == 403


async def test_a_cookie_without_a_page_opens_none(world: World, owners: Belongings) -> None:
    """What names no page says who it is first."""
    owner = world.somebody("owner of a socket")
    _, code = await first_told(world, UNKNOWN, cookie(owner), {"type": "ping"})
    assert code == 4401


async def test_anothers_thread_is_as_unknown_as_none(world: World, owners: Belongings) -> None:
    """By the cookie too: one answer, one code."""
    stranger = cookie(world.somebody("a stranger at a socket"), Origin=world.server.url)
    ends = [await first_told(world, thread, stranger) for thread in (owners.thread_id, UNKNOWN)]
    told, codes = zip(*ends, strict=True)
    assert codes == (4404, 4404)
    assert [one[-1]["detail"] for one in told] == ["There is no such thread of yours."] * 2
