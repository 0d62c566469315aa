"""What is done to PostgreSQL, and undone, while somebody looks whether /ready says so."""

import asyncio
import random
from collections.abc import Mapping
from contextlib import AsyncExitStack, suppress
from typing import Any, Final

import asyncpg

from tests.faults.hurting import SHORT_S, Hurt, how_long
from tests.faults.truth import Truth
from tests.postgres import PostgresServer

# One who connects while others are let go may be faster than whoever takes their places.
_TRIES: Final = 10


def of_postgres(server: PostgresServer, database: str, truth: Truth) -> Mapping[str, Hurt]:
    """What happens to PostgreSQL.

    Args:
        server: Which.
        database: The one of the history.
        truth: Looks whether it is told.
    """

    async def away(what: str, chance: random.Random) -> None:
        await truth.while_away(what, how_long(chance))

    async def restart(chance: random.Random) -> None:
        await asyncio.to_thread(server.stop)
        await away("PostgreSQL is stopped", chance)
        await asyncio.to_thread(server.start)
        await truth.when_back("PostgreSQL was stopped")

    async def kill(chance: random.Random) -> None:
        await asyncio.to_thread(server.kill)
        await away("PostgreSQL is killed", chance)
        await asyncio.to_thread(server.start)
        await truth.when_back("PostgreSQL was killed")

    async def terminate(_: random.Random) -> None:
        await asyncio.to_thread(server.execute, _ended(database))

    async def read_only(chance: random.Random) -> None:
        set_to = f'ALTER DATABASE "{database}" SET default_transaction_read_only = {{}}'
        await asyncio.to_thread(server.execute, set_to.format("on"))
        await terminate(chance)
        await asyncio.sleep(chance.uniform(*SHORT_S))
        await asyncio.to_thread(server.execute, set_to.format("off"))
        await terminate(chance)

    async def closed(chance: random.Random) -> None:
        allow = f'ALTER DATABASE "{database}" ALLOW_CONNECTIONS {{}}'
        await asyncio.to_thread(server.execute, allow.format("false"))
        await terminate(chance)
        await away("PostgreSQL lets nobody in", chance)
        await asyncio.to_thread(server.execute, allow.format("true"))
        await truth.when_back("PostgreSQL let nobody in")

    async def full(chance: random.Random) -> None:
        async with AsyncExitStack() as held:
            if await _take_all(server, database, held):
                await away("PostgreSQL has no connection left", chance)
            else:
                await asyncio.sleep(how_long(chance))
        await truth.when_back("PostgreSQL had no connection left")

    return {
        "PostgreSQL restarted": restart,
        "PostgreSQL killed": kill,
        "PostgreSQL's sessions ended": terminate,
        "PostgreSQL read-only": read_only,
        "PostgreSQL lets nobody in": closed,
        "PostgreSQL out of connections": full,
    }


def _ended(database: str) -> str:
    return f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'"


async def _take_all(server: PostgresServer, database: str, held: AsyncExitStack) -> bool:
    """Connect until no more is let in, those of the database's own sessions as well.

    Returns:
        Whether none of those is left.
    """
    first = await _connected(server)
    held.push_async_callback(_let_go, first)
    for _ in range(_TRIES):
        with suppress(asyncpg.TooManyConnectionsError):
            while True:
                held.push_async_callback(_let_go, await _connected(server))
        if not await first.fetchval(f"SELECT count(*) FROM pg_stat_activity WHERE datname = '{database}'"):
            return True
        await first.execute(_ended(database))
    return False


async def _let_go(connection: Any) -> None:
    with suppress(asyncpg.PostgresError, OSError):
        await connection.close(timeout=10)


async def _connected(server: PostgresServer) -> Any:
    return await asyncpg.connect(user="postgres", database="postgres", host=server.socket_folder, timeout=10)
