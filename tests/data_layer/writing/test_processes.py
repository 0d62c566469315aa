"""Several processes on one database: a start closes what the gone have left, and nothing of the living."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import update
from structlog.testing import capture_logs

from commands.account_store import record_beside
from data_layer.database import schema
from data_layer.database.engine import open_database
from data_layer.database.process_locks import is_held
from data_layer.record import Record
from data_layer.writing.processes import LOOKS
from data_layer.writing.state import ThreadDefaults
from data_layer.writing.writes import InsertRow
from tests.data_layer.rows import ADA, begin_thread, call_row, new_id, one, reply, rows
from tests.fakes import HandClock

ROOT = Path(__file__).resolve().parents[3]


class Neighbours:
    """Processes over one database, each with a data folder of its own unless a test says otherwise."""

    def __init__(self, url: str, folder: Path, defaults: ThreadDefaults, clock: HandClock) -> None:
        self._url = url
        self._folder = folder
        self._defaults = defaults
        self._clock = clock
        self.made: list[Record] = []

    async def start(self, folder: str = "kept") -> Record:
        """Another process."""
        record = Record(open_database(self._url), self._folder / folder, self._defaults, self._clock)
        self.made.append(record)
        await record.start()
        return record

    async def close(self) -> None:
        """End them all."""
        for record in self.made:
            await record.close()


@pytest.fixture
async def neighbours(
    database_url: str, tmp_path: Path, defaults: ThreadDefaults, clock: HandClock
) -> AsyncIterator[Neighbours]:
    """Makes processes, and ends them."""
    made = Neighbours(database_url, tmp_path, defaults, clock)
    yield made
    await made.close()


@pytest.fixture
async def hosts(
    postgres_url: str, tmp_path: Path, defaults: ThreadDefaults, clock: HandClock
) -> AsyncIterator[Neighbours]:
    """The same on PostgreSQL alone, which can be written to from several machines."""
    made = Neighbours(postgres_url, tmp_path, defaults, clock)
    yield made
    await made.close()


async def speak(record: Record) -> str:
    """A reply, its run and a call that go on, on a page that is open.

    Returns:
        The thread.
    """
    thread_id = await begin_thread(record)
    run_id = new_id()
    ids = {"thread_id": thread_id, "run_id": run_id, "status": "streaming"}
    run = ids | {"seq": record.take_order(), "name": "on_message", "started_at": record.now()}
    record.connections.opened("s", session_id="p", participant_id=ADA, thread_id=thread_id, user_agent="")
    await record.writer.submit(
        InsertRow("runs", run | {"process_id": record.writer.process_id}),
        reply(record, thread_id, "As I was say", status="streaming", run_id=run_id),
        InsertRow("llm_calls", call_row(ids, record.now())),
    )
    return thread_id


async def states(record: Record, thread_id: str) -> list[str]:
    """How the run, its reply, its call and its page stand."""
    runs, calls = [await rows(record, name, thread_id=thread_id) for name in ("runs", "llm_calls")]
    steps = [row for row in await rows(record, "steps", thread_id=thread_id) if row["run_id"]]
    pages = await rows(record, "connections", thread_id=thread_id)
    return [row["status"] for row in (*runs, *steps, *calls)] + [str(row["close_reason"]) for row in pages]


GOES_ON = ["streaming", "streaming", "streaming", "None"]
IS_CLOSED = ["interrupted", "interrupted", "interrupted", "server stopped"]


@pytest.mark.parametrize("folder", ["kept", "another host"])
async def test_a_second_process_leaves_the_first_ones_replies_and_pages(
    record: Record, neighbours: Neighbours, folder: str
) -> None:
    """A second start beside a living one closes nothing of it, and its reply ends as it would have."""
    thread_id = await speak(record)
    await neighbours.start(folder)
    assert await states(record, thread_id) == GOES_ON


async def test_only_what_the_gone_have_left_is_closed(record: Record, neighbours: Neighbours) -> None:
    """One of two was killed: the next start closes its rows at once, and the other goes on."""
    living = await neighbours.start()
    threads = [await speak(one) for one in (record, living)]
    record.processes.end()
    await neighbours.start()
    assert [await states(living, thread_id) for thread_id in threads] == [IS_CLOSED, GOES_ON]


async def test_a_process_that_has_ended_leaves_no_sign_of_itself(
    record: Record, neighbours: Neighbours, tmp_path: Path
) -> None:
    """The files of those that are gone go with the next start."""
    for _ in range(3):
        await (await neighbours.start()).close()
    folder = tmp_path / ("database" if record.database.dialect == "sqlite" else "kept") / "processes"
    last, living = neighbours.made[-1], record
    assert set(os.listdir(folder)) == {f"{one.writer.process_id}.lock" for one in (last, living)}


async def test_those_who_live_close_what_a_killed_neighbour_left(
    record: Record, neighbours: Neighbours
) -> None:
    """Nobody has to start anew for it."""
    living = await neighbours.start()
    thread_id = await speak(record)
    record.processes.end()
    await living.look_around()
    assert await states(living, thread_id) == IS_CLOSED


async def test_a_process_elsewhere_is_gone_once_its_beat_has_stopped(hosts: Neighbours) -> None:
    """Where its lock cannot be seen, several looks find the same beat before anything is closed."""
    here, there = await hosts.start("here"), await hosts.start("there")
    thread_id = await speak(there)
    there.processes.end()
    found = []
    for _ in range(LOOKS + 1):
        found.append(await states(here, thread_id))
        await here.look_around()
    assert found == [GOES_ON] * (LOOKS + 1)
    assert await states(here, thread_id) == IS_CLOSED


async def test_a_process_elsewhere_that_beats_lives(hosts: Neighbours) -> None:
    """However long nothing is said in it."""
    here, there = await hosts.start("here"), await hosts.start("there")
    thread_id = await speak(there)
    for _ in range(3 * LOOKS):
        await there.look_around()
        await here.look_around()
    assert await states(here, thread_id) == GOES_ON


async def test_what_no_process_is_named_of_is_closed_at_a_start(
    record: Record, neighbours: Neighbours
) -> None:
    """As rows of an earlier version are, and as they always were."""
    thread_id = await speak(record)
    async with record.database.engine.begin() as connection:
        for table in (schema.runs, schema.connections):
            await connection.execute(update(table).values(process_id=None))
    await record.look_around()
    assert await states(record, thread_id) == GOES_ON
    await neighbours.start()
    assert await states(record, thread_id) == IS_CLOSED


async def test_an_end_that_came_first_stays(record: Record, neighbours: Neighbours) -> None:
    """A page that has closed by itself keeps the reason why."""
    thread_id = await speak(record)
    record.connections.closed("s", "left")
    await record.writer.flush()
    record.processes.end()
    await neighbours.start()
    assert (await one(record, "connections", thread_id=thread_id))["close_reason"] == "left"


async def test_a_command_beside_a_server_closes_nothing(record: Record, database_url: str) -> None:
    """It opens the record, and is no process that serves."""
    thread_id = await speak(record)
    async with record_beside(database_url) as beside:
        await beside.researchers.all()
    assert await states(record, thread_id) == GOES_ON


async def test_a_process_starts_where_no_file_can_be_locked(
    record: Record, neighbours: Neighbours, tmp_path: Path
) -> None:
    """The log says so: to others it looks gone, as each did before there were locks."""
    thread_id = await speak(record)
    record.processes.end()
    for folder in ("database", "kept", "other"):
        shutil.rmtree(tmp_path / folder / "processes", ignore_errors=True)
        (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / folder / "processes").touch()
    with capture_logs() as logs:
        await neighbours.start("other")
    assert "process_lock_not_held" in [entry["event"] for entry in logs]
    expected = IS_CLOSED if record.database.dialect == "sqlite" else GOES_ON
    assert await states(record, thread_id) == expected


HOLDS = """
import sys, time
from pathlib import Path
from data_layer.database.process_locks import ProcessLock
lock = ProcessLock(Path(sys.argv[1]), sys.argv[2])
lock.hold()
print("held", flush=True)
time.sleep(600)
"""


def test_a_killed_process_holds_its_lock_no_longer(tmp_path: Path) -> None:
    """The system lets go of it, whatever ended the process, and holds it while the process is stopped."""
    process_id = new_id()
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(tmp_path), process_id], cwd=ROOT, stdout=subprocess.PIPE
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    os.kill(holder.pid, signal.SIGSTOP)
    held = is_held(tmp_path, process_id)
    holder.kill()
    holder.wait()
    holder.stdout.close()
    assert (held, is_held(tmp_path, process_id), is_held(tmp_path, new_id())) == (True, False, None)
