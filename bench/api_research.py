"""What a researcher's program asks for, read in Python without any way in. For bench/api.py."""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, Final

import httpx2

from bench.cost import SETTLE_S, Server
from bench.process import ServerProcess
from commands.account_store import record_beside
from data_layer.record import Record
from data_layer.review.filters import ThreadFilter
from data_layer.review.segments import WHOLE, pieces_of
from data_layer.review.thread import read_whole
from data_layer.review.threads import Sort, list_threads
from study.roles import ResearcherRole, TokenScope

# Of each kind, one after the other, as a script asks.
TIMES: Final = 200
LISTED: Final = 50
NAME: Final = "Bench"


async def token_of(url: str) -> str:
    """Make a token that may do everything, at a database."""
    async with record_beside(url) as record:
        await record.researchers.add(NAME, ResearcherRole.OWNER)
        found = await record.researchers.find(NAME)
        if found is None:
            raise RuntimeError("a researcher who was just made is not there")
        scopes, lasts = tuple(TokenScope), timedelta(days=1)
        return await record.researcher_tokens.make(found.researcher_id, "bench", scopes, lasts)


async def over_http(running: ServerProcess, server: Server, thread_id: str) -> dict[str, float]:
    """Processor milliseconds of the server for the list of threads, and for one of them."""
    token = await token_of(running.environment["VERBATIM_DATABASE_URL"])
    headers, base = {"Authorization": f"Bearer {token}"}, f"{running.url}/api/v1/research"
    async with httpx2.AsyncClient(base_url=base, headers=headers, timeout=120) as client:
        costs: dict[str, float] = {}
        for name, path in (("list", f"/threads?limit={LISTED}"), ("one", f"/threads/{thread_id}")):

            async def phase(asked: str) -> None:
                for _ in range(TIMES):
                    (await client.get(asked)).raise_for_status()

            (await client.get(path)).raise_for_status()
            costs[name] = await server.cost_of(phase, path) / TIMES
    return costs


async def _alone(work: Callable[[], Awaitable[Any]]) -> float:
    await work()
    began = time.process_time()
    for _ in range(TIMES):
        await work()
    await asyncio.sleep(SETTLE_S)
    return (time.process_time() - began) * 1000 / TIMES


async def in_python(record: Record, thread_id: str) -> tuple[float, float]:
    """Processor milliseconds of the same work: what is read is noted in the audit log first, then read."""
    who = await record.researchers.find(NAME)
    researcher_id = who.researcher_id if who is not None else None

    async def listed() -> None:
        await record.audit.note("threads_listed", name=NAME, researcher_id=researcher_id)
        await list_threads(record.database, ThreadFilter(), sort=Sort.ACTIVE, cursor=None, size=LISTED)

    async def one() -> None:
        await record.audit.note("thread_read", name=NAME, researcher_id=researcher_id, target=thread_id)
        pieces = await pieces_of(record.database, thread_id)
        await read_whole(record.database, thread_id, WHOLE if len(pieces) == 1 else pieces[0])

    return await _alone(listed), await _alone(one)


async def _main(url: str, thread_id: str) -> None:
    async with record_beside(url) as record:
        print(*await in_python(record, thread_id))


if __name__ == "__main__":
    asyncio.run(_main(*sys.argv[1:]))
