"""If-Match where several processes serve one database: of two that change the same thing, one does."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import text

from api.context import ApiContext
from api.turns import made_id
from data_layer.database.alone import alone
from data_layer.database.engine import open_database
from data_layer.record import Record
from data_layer.writing.state import ThreadDefaults
from data_layer.writing.writes import InsertRow, PutStep, RenameThread
from tests.api.server import Client
from tests.api.test_own_things import said
from tests.data_layer.rows import message, new_id, one
from tests.fakes import FakeAgent
from tests.stages.talk import words

_WAITING = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")


@pytest.fixture
async def record(postgres_url: str, tmp_path: Path, defaults: ThreadDefaults) -> AsyncIterator[Record]:
    """The record of the second of two processes."""
    both = [Record(open_database(postgres_url), tmp_path / "kept", defaults) for _ in range(2)]
    for each in both:
        await each.start()
    yield both[1]
    for each in both:
        await each.close()


async def while_changed(
    record: Record, what: str, ask: Coroutine[Any, Any, httpx2.Response], change: Callable[[], Any]
) -> httpx2.Response:
    """Ask, while a neighbour that was first is just changing the same thing."""
    async with alone(record.database, f"change {what}"):
        asking = asyncio.create_task(ask)
        async with record.database.engine.connect() as connection:
            while not await connection.scalar(_WAITING) and not asking.done():  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        await change()
    return await asking


async def test_a_title_that_a_neighbour_has_changed_is_not_written_over(ada: Client, record: Record) -> None:
    """Whoever compares waits until the other has changed it, and is told so."""
    thread = await ada.begin(title="Mine")
    etag = (await ada.http.get(f"/threads/{thread}")).headers["etag"]
    ask = ada.http.patch(f"/threads/{thread}", json={"title": "Late"}, headers={"If-Match": etag})
    rename = RenameThread(thread, "First", record.now())
    answer = await while_changed(record, thread, ask, lambda: record.writer.submit(rename))
    assert answer.status_code == 412
    assert (await ada.http.get(f"/threads/{thread}")).json()["title"] == "First"


@pytest.mark.parametrize("accept", ["application/json", "text/event-stream"])
async def test_words_that_a_neighbour_has_changed_are_not_written_over(
    ada: Client, record: Record, agent: FakeAgent, context: ApiContext, accept: str
) -> None:
    """Nor is the answer to the neighbour's stopped, nor anything left that keeps the next one waiting."""
    stopped: list[str] = []
    context.stage.stop_elsewhere = stopped.append
    turn = await said(ada, agent)
    path = f"/threads/{turn['thread']}/messages/{turn['message']['id']}"
    etag = (await ada.http.get(path)).headers["etag"]
    ask = ada.http.put(path, json={"content": "Late"}, headers={"If-Match": etag, "Accept": accept})
    row = {"step_id": turn["message"]["id"], "thread_id": turn["thread"], "output": "First"}
    put = PutStep(row, record.now())
    answer = await while_changed(record, turn["message"]["id"], ask, lambda: record.writer.submit(put))
    assert (answer.status_code, stopped) == (412, [])
    now = await ada.http.get(path)
    assert now.json()["content"] == "First"
    agent.enqueue(*words("Yes."))
    next_one = await ada.http.put(path, json={"content": "Next"}, headers={"If-Match": now.headers["etag"]})
    assert next_one.status_code == 200


async def begin_answer_elsewhere(record: Record, thread: str, message: str) -> None:
    """Another process gives the reply to a message."""
    run = {
        "run_id": new_id(),
        "thread_id": thread,
        "message_id": message,
        "seq": record.take_order(),
        "name": "Alex",
        "status": "streaming",
        "started_at": record.now(),
    }
    await record.writer.submit(InsertRow("runs", run))


async def test_a_stop_of_what_another_process_says_is_a_stop(
    ada: Client, agent: FakeAgent, record: Record
) -> None:
    """It is asked to stop it, and who pressed is not told that there was nothing to stop."""
    turn = await said(ada, agent)
    thread = turn["thread"]
    record.hints.others = True
    assert (await ada.http.post(f"/threads/{thread}/stop")).json() == {"stopped": False}
    await begin_answer_elsewhere(record, thread, turn["message"]["id"])
    assert (await ada.http.post(f"/threads/{thread}/stop")).json() == {"stopped": True}


async def test_a_message_under_a_key_that_another_process_answers_is_under_way(
    ada: Client, record: Record
) -> None:
    """Nothing is said twice, and whoever asks again is not told of a turn without a reply."""
    thread = await ada.begin()
    whose = (await one(record, "threads", thread_id=thread))["participant_id"]
    kept = made_id(whose, f"message {thread}", "the-same")
    await record.writer.submit(message(record, thread, "Hello", step_id=kept, by=whose))
    record.hints.others = True
    await begin_answer_elsewhere(record, thread, kept)
    headers = {"Idempotency-Key": "the-same"}
    again = await ada.http.post(f"/threads/{thread}/messages", json={"content": "Hello"}, headers=headers)
    assert (again.status_code, again.json()["code"]) == (409, "under_way")
    assert again.headers["retry-after"] == "2"
