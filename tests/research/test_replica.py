"""A room that reads from a real streaming replica, which is held, stopped, and let go on."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Final

import httpx2
import pytest
from argon2 import PasswordHasher
from argon2.profiles import CHEAPEST
from fastapi import FastAPI

from data_layer.database.engine import open_database
from data_layer.database.hints import Hint
from data_layer.database.replica import check_replica
from data_layer.people.researchers import Researchers
from data_layer.record import Record
from data_layer.writing.state import ThreadDefaults
from research.app import research_app
from research.overview import counting
from study.errors import SettingsError
from study.loader import load_study
from study.roles import ResearcherRole
from study.vocabulary import ExportState
from tests.browser.conftest import STUDY
from tests.data_layer.rows import ADA, BOB, begin_thread
from tests.data_layer.said_by_ada import MARKER, OWN_PROMPT, say_everything
from tests.postgres import PostgresServer
from tests.research.browser import Browser
from tests.research.conftest import PASSWORD
from tests.streaming_replica import StreamingReplica
from web.exporting.runner import Exporting

OPTIONS: Final = {"format": ["jsonl"]}


@pytest.fixture(scope="module")
def streaming(postgres_server: PostgresServer) -> Iterator[StreamingReplica]:
    """The one replica of these tests."""
    replica = StreamingReplica(postgres_server)
    yield replica
    replica.remove()


@pytest.fixture
def replica(streaming: StreamingReplica) -> Iterator[StreamingReplica]:
    """It; afterwards it goes on, whatever the test did."""
    yield streaming
    streaming.start()
    streaming.go_on()


@pytest.fixture
async def record(
    postgres_url: str, replica: StreamingReplica, tmp_path: Path, defaults: ThreadDefaults
) -> AsyncIterator[Record]:
    """The record, which has a replica."""
    name = postgres_url.rpartition("@/")[2].partition("?")[0]
    copy = open_database(replica.url_of(name))
    record = Record(open_database(postgres_url), tmp_path / "kept", defaults, copy=copy)
    record.researchers = Researchers(record.store, PasswordHasher.from_parameters(CHEAPEST))
    await record.start()
    yield record
    await record.close()


@pytest.fixture
def app(record: Record, monkeypatch: pytest.MonkeyPatch) -> FastAPI:
    """The room over it."""
    monkeypatch.setattr(counting, "PATIENCE_S", 60.0)
    outer = FastAPI()
    outer.mount("/research", research_app(record, load_study(STUDY)))
    return outer


@pytest.fixture
async def owner(app: FastAPI, record: Record) -> AsyncIterator[Browser]:
    """A browser that an owner is in with."""
    transport = httpx2.ASGITransport(app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://study.example") as client:
        browser = Browser(client)
        await record.researchers.add("Olga", ResearcherRole.OWNER, PASSWORD)
        await browser.sign_in("Olga", PASSWORD)
        yield browser


async def caught_up(record: Record) -> None:
    """Wait until the replica has all."""
    assert record.replica is not None
    assert await record.replica.wait(60)


async def read_from_the_replica(record: Record) -> bool:
    """Whether a read of the room's goes there now."""
    async with record.read_database.connect() as connection:
        return bool((await connection.exec_driver_sql("SELECT pg_is_in_recovery()")).scalar_one())


async def test_the_room_reads_from_the_replica(owner: Browser, record: Record) -> None:
    """Once it has all, pages are read there and say what the database says; a write there is impossible."""
    thread = await begin_thread(record, "Kumquats")
    await caught_up(record)
    assert await read_from_the_replica(record)
    assert "Kumquats" in (await owner.get("/threads")).text
    assert (await owner.get(f"/threads/{thread}")).status_code == 200
    for address in ("/", "/live", "/participants", "/coding", "/exports", "/audit", "/withdrawals"):
        assert (address, (await owner.get(address)).status_code) == (address, 200)
    assert await read_from_the_replica(record)


async def test_a_researcher_sees_what_they_wrote(
    owner: Browser, record: Record, replica: StreamingReplica
) -> None:
    """A participant who was withdrawn in the room is shown no more, though the replica still has them."""
    thread = await say_everything(record, ADA, MARKER, OWN_PROMPT)
    await caught_up(record)
    assert MARKER in (await owner.get(f"/threads/{thread}")).text
    replica.hold()
    assert (await owner.post("/withdrawals", participant=ADA, sure="yes")).status_code == 303
    assert not await read_from_the_replica(record)
    assert MARKER not in (await owner.get(f"/threads/{thread}")).text
    assert MARKER not in (await owner.get("/threads")).text
    replica.go_on()
    await caught_up(record)
    assert await read_from_the_replica(record)
    assert MARKER not in (await owner.get(f"/threads/{thread}")).text


async def test_a_participants_withdrawal_is_seen_at_once(
    owner: Browser, record: Record, replica: StreamingReplica
) -> None:
    """One that did not come from the room counts as a write of it: what is erased is shown to nobody."""
    thread = await say_everything(record, ADA, MARKER, OWN_PROMPT)
    await caught_up(record)
    replica.hold()
    await record.withdrawals.withdraw(ADA, "participant")
    assert MARKER not in (await owner.get(f"/threads/{thread}")).text


async def test_a_withdrawal_in_another_process_is_seen(
    owner: Browser, record: Record, replica: StreamingReplica, tmp_path: Path, postgres_url: str
) -> None:
    """Its hint crosses, and from then on the database is read, until the replica has it too."""
    thread = await say_everything(record, ADA, MARKER, OWN_PROMPT)
    await caught_up(record)
    replica.hold()
    listening = asyncio.create_task(record.hints.listen_forever())
    other = Record(open_database(postgres_url), tmp_path / "other", record.defaults)
    await other.start()
    heard, listens = asyncio.Event(), asyncio.Event()

    async def told(*_: object) -> None:
        heard.set()

    record.withdrawals.listeners.append(told)
    record.hints.on(Hint.STOP, lambda _: listens.set())
    try:
        while not listens.is_set():
            await other.hints.tell(Hint.STOP, ["are you there"])
            await asyncio.sleep(0.02)
        await other.withdrawals.withdraw(ADA, "participant")
        await asyncio.wait_for(heard.wait(), 60)
        assert MARKER not in (await owner.get(f"/threads/{thread}")).text
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        await other.close()


async def test_a_replica_that_stops_is_left_alone(
    owner: Browser, record: Record, replica: StreamingReplica
) -> None:
    """While it is away the database is read, and no page fails."""
    await begin_thread(record, "Kumquats")
    await caught_up(record)
    assert await read_from_the_replica(record)
    replica.stop()
    for _ in range(3):
        answer = await owner.get("/threads")
        assert (answer.status_code, "Kumquats" in answer.text) == (200, True)
    assert not await read_from_the_replica(record)


async def test_an_export_holds_all_that_was_there(record: Record, replica: StreamingReplica) -> None:
    """Made from the replica when it has caught up, from the database when it does not: of the same rows."""
    await begin_thread(record, "Ada's", ADA)
    exporting = Exporting(record, "example")
    await caught_up(record)
    made = await exporting.finished(await exporting.begin(None, "Olga", OPTIONS))
    replica.hold()
    await begin_thread(record, "Bob's", BOB)
    late = await exporting.finished(await exporting.begin(None, "Olga", OPTIONS))
    held = []
    for row in (made, late):
        assert row is not None
        assert (row["state"], row["problem"]) == (ExportState.DONE.value, None)
        with (exporting.folder_of(row["export_id"]) / "threads.jsonl").open(encoding="utf-8") as lines:
            held.append(len(list(lines)))
    assert held == [1, 2]


async def test_what_is_no_replica_is_refused(
    postgres_url: str, postgres_server: PostgresServer, replica: StreamingReplica
) -> None:
    """The database itself, and another database's copy: a sentence that names the setting."""
    database = open_database(postgres_url)
    other = open_database(replica.url_of("postgres"))
    try:
        with pytest.raises(SettingsError, match="VERBATIM_READ_URL names a server that replays no other's"):
            await check_replica(database, database)
        with pytest.raises(SettingsError, match="VERBATIM_READ_URL names a replica of another database"):
            await check_replica(database, other)
    finally:
        await other.close()
        await database.close()
