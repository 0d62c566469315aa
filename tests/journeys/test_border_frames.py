"""The frames of a WebSocket, attacked: broken, binary, too large, too many."""

import asyncio
import json
import time
from contextlib import suppress
from pathlib import Path

import httpx2
import pytest
from websockets.exceptions import ConnectionClosed

from page.chat.event_rate_limit import OPENED, SPOKEN
from tests.journeys.attacker import World
from tests.journeys.border_world import Belongings
from tests.journeys.raw_socket import Refused, Socket, new_id, said

pytestmark = [pytest.mark.journey, pytest.mark.usefixtures("transport")]


@pytest.mark.parametrize("event", ["connect", "disconnect", "\\u0063onnect"])
async def test_a_client_does_not_call_what_the_server_calls(world: World, page: Socket, event: str) -> None:
    """Socket.IO runs the handler of that name, and gives it an environment of the client's making."""
    scope = {"type": "http", "headers": [["cookie", "access_token=x"]], "path": "/", "query_string": ""}
    frame = f'42["{event}",{json.dumps({"asgi.scope": scope})},{json.dumps({"sessionId": new_id()})}]'
    with world.logged("refused", "no event of a page"):
        await page.throw([frame])
        await page.closed()


@pytest.mark.parametrize(
    "frames",
    [
        ["42"],
        ["42["],
        ["42{}"],
        ["42[]"],
        ["42[7]"],
        ["42[null,{}]"],
        ['42[["client_message"]]'],
        ['42999999999999999999["fetch_favorites"]'],
        ["43999[1]"],
        ['451-["client_message",{"_placeholder":true,"num":0}]', b"\xff" * 64],
        ['451-["client_message",{"_placeholder":true,"num":7}]', b"\xff"],
        ['4599999999-["client_message",{"_placeholder":true,"num":0}]'],
        ["42" + "[" * 100_000],
        ['42["client_message",' + '{"a":' * 50_000 + "1" + "}" * 50_000 + "]"],
        ["40/admin,{}", '42/admin,["client_message",{}]'],
        ["40" + json.dumps({"sessionId": new_id()})] * 3,
        ["9"],
        [b"\x00\x01"],
    ],
    ids=range(18),
)
async def test_a_broken_frame_breaks_nothing(
    world: World, owners: Belongings, stranger: httpx2.Client, frames: list[str | bytes]
) -> None:
    """The connection that it came by may end; nobody else's does."""
    async with Socket(world, world.somebody(), origin=world.server.url) as other, world.nothing_changes():
        await other.begin()
        async with Socket(world, stranger) as page:
            try:
                await page.throw(frames)
                await page.emit("fetch_favorites")
            except ConnectionClosed:
                pass
        await other.emit("fetch_favorites")


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_there_is_no_way_around_the_connections(
    world: World, stranger: httpx2.Client, method: str
) -> None:
    """Engine.IO would take frames by HTTP in ways of its own, also as scripts that any site may run."""
    async with world.nothing_changes():
        for query in (
            "EIO=4&transport=polling&sid=x",
            "EIO=4&transport=websocket",
            "EIO=4&transport=polling&j=0",
            "",
        ):
            answer = stranger.request(
                method, f"/ws/socket.io/?{query}", content="40{}" if method == "POST" else None
            )
            assert answer.status_code == 404


def resident_kb(pid: int) -> int:
    """The memory that a process holds."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return int(status.partition("VmRSS:")[2].split()[0])


async def test_a_frame_of_10_mb_is_not_read(world: World, stranger: httpx2.Client) -> None:
    """It is refused by its header: nothing of it is kept in memory, and the page may connect again."""
    before = resident_kb(world.server.pid)
    big = "42" + json.dumps(["client_message", said("x" * 10_000_000)])
    async with world.nothing_changes(), Socket(world, stranger) as page:
        with suppress(ConnectionClosed):
            await page.throw([big])
        await page.closed()
    assert resident_kb(world.server.pid) - before < 5_000


FLOOD = "SELECT count(*) FROM steps WHERE output LIKE 'flood %' AND type = 'user_message'"


def most(pace: tuple[int, float], seconds: float) -> float:
    """How many may come in so long a time."""
    at_once, a_second = pace
    return at_once + seconds * a_second + 1


async def test_a_flood_of_messages_is_held_back(world: World, page: Socket) -> None:
    """10,000 at once: some are answered, the page is told, one refusal is kept, and others do not wait."""
    asking = world.somebody()
    refused, before = world.refusals(), world.rows(FLOOD)[0][0]
    frames = [f"42{json.dumps(['client_message', said(f'flood {number}')])}" for number in range(10_000)]
    began = time.monotonic()
    with suppress(ConnectionClosed):
        await page.throw(frames)
    assert asking.get("/user").status_code == 200
    await page.closed()
    allowed = most(SPOKEN, time.monotonic() - began)
    await world.settle()
    assert world.rows(FLOOD)[0][0] - before <= allowed
    assert page.of("toast")
    assert 1 <= world.refusals() - refused - 1 <= 3


async def test_a_flood_of_pages_is_held_back(world: World, stranger: httpx2.Client) -> None:
    """Each would be a session in the server's memory for a quarter of an hour."""

    async def is_let_in() -> bool:
        with suppress(Refused):
            async with Socket(world, stranger):
                return True
        return False

    # All at once: one after another, a slow machine takes long enough for each to be let in.
    began = time.monotonic()
    let_in = sum(await asyncio.gather(*(is_let_in() for _ in range(OPENED[0] + 20))))
    assert OPENED[0] <= let_in <= most(OPENED, time.monotonic() - began)
