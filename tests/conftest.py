"""What tests of every folder share: databases, a clock, the record over them.

A test that takes `database_url` or `record` runs twice: on SQLite and on a real PostgreSQL.
"""

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from functools import cache
from pathlib import Path

import pytest

from data_layer.database.engine import Database, open_database
from data_layer.database.migrate import upgrade
from data_layer.record import Record
from data_layer.writing.state import ThreadDefaults
from page.chainlit.untraced import leave_out_tracing
from tests.compiled_statements import share_statements
from tests.data_layer.outages import ClosedDatabase, HeldLock, Outage
from tests.fakes import HandClock
from tests.longest_first import file_of, longest_first
from tests.pgbouncer import PgBouncer
from tests.postgres import PostgresServer, run
from web.memory import spare_loaded

leave_out_tracing()  # as page/serve.py does: it takes longer to load than all of ours
share_statements()
spare_loaded()  # likewise: what is loaded and collected stays, and there is much of it

SLOW = (
    "tests/front_door/",
    "tests/deploy/",
    "tests/exports/test_memory",
    "tests/exports/test_command",
    "tests/exports/test_examples",
    "tests/exports/test_readers",
    "tests/exports/test_backup",
)


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> Iterator[None]:
    """Mark what `scripts/test unit` leaves to the whole run: another database, processes of their own.

    Where several work, the longest files come first.
    """
    for item in items:
        parameters = item.nodeid.partition("[")[2]
        fixtures = getattr(item, "fixturenames", ())
        own = {"postgres_url", "postgres_server"}
        if {"postgresql", "postgres_url"} & set(parameters.rstrip("]").split("-")) or (
            "sqlite" not in parameters and own & set(fixtures)
        ):
            item.add_marker(pytest.mark.postgres)
        if item.nodeid.startswith(SLOW):
            item.add_marker(pytest.mark.slow)
    yield
    if hasattr(config, "workerinput"):
        files = longest_first([item.nodeid for item in items])
        items.sort(key=lambda item: files.index(file_of(item.nodeid)))


def pytest_collection_finish() -> None:
    """Leave thousands of tests out of the garbage collections of each."""
    spare_loaded()


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file at head, to be copied: migrating takes longer than most tests."""
    path = tmp_path_factory.mktemp("migrated") / "verbatim.db"
    path.write_bytes(_migrated())
    return path


@cache
def _migrated() -> bytes:
    """Once a process: scripts/mutate runs pytest anew for each change, in children of one that has run it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "verbatim.db"
        run(upgrade(f"sqlite+aiosqlite:///{path}"))
        return path.read_bytes()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """The one PostgreSQL of the run."""
    server = PostgresServer()
    yield server
    server.remove()


@pytest.fixture(scope="session")
def pgbouncer(postgres_server: PostgresServer) -> Iterator[PgBouncer]:
    """The one pooler of the run: each transaction gets another of few sessions."""
    pooler = PgBouncer(postgres_server)
    yield pooler
    pooler.stop()


@pytest.fixture
def sqlite_url(migrated_sqlite: Path, tmp_path: Path) -> str:
    """The address of an empty SQLite database at head."""
    path = tmp_path / "database" / "verbatim.db"
    path.parent.mkdir()
    shutil.copyfile(migrated_sqlite, path)
    return f"sqlite+aiosqlite:///{path}"


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """The address of an empty PostgreSQL database at head."""
    name = postgres_server.lend()
    yield postgres_server.url_of(name)
    postgres_server.start()
    postgres_server.take_back(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of an empty database at head: a test that takes it runs on both."""
    name = {"sqlite": "sqlite_url", "postgresql": "postgres_url"}[request.param]
    url: str = request.getfixturevalue(name)
    return url


# A machine with much else to do must not look like a database that is away; tests of that say how long.
PATIENT_S = 120.0


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An empty database, open."""
    opened = open_database(database_url, PATIENT_S)
    yield opened
    await opened.close()


@pytest.fixture
def clock() -> HandClock:
    """The time, which goes on by a millisecond at each look."""
    return HandClock()


@pytest.fixture
def defaults() -> ThreadDefaults:
    """What new threads are born with."""
    return ThreadDefaults("example", "0.1.0+gtest", "f" * 64)


@pytest.fixture
async def record(
    database: Database, tmp_path: Path, defaults: ThreadDefaults, clock: HandClock
) -> AsyncIterator[Record]:
    """The record over an empty database, started."""
    record = Record(database, tmp_path / "kept", defaults, clock)
    await record.start()
    yield record
    await record.close()


@pytest.fixture
async def sqlite_record(
    sqlite_url: str, tmp_path: Path, defaults: ThreadDefaults, clock: HandClock
) -> AsyncIterator[Record]:
    """The record over an empty SQLite database, for what is the same on both."""
    record = Record(open_database(sqlite_url), tmp_path / "kept", defaults, clock)
    await record.start()
    yield record
    await record.close()


@pytest.fixture
async def impatient(database_url: str) -> AsyncIterator[Database]:
    """The database again, waited for for a twentieth of a second (PostgreSQL: two), not for fifteen."""
    opened = open_database(database_url, 0.05 if database_url.startswith("sqlite") else 2.0)
    yield opened
    await opened.close()


@pytest.fixture
def outage(database_url: str, request: pytest.FixtureRequest) -> Iterator[Outage]:
    """Takes the database away; afterwards it is there again, whatever the test did."""
    if database_url.startswith("sqlite"):
        away: Outage = HeldLock(database_url)
    else:
        away = ClosedDatabase(database_url, request.getfixturevalue("postgres_server"))
    yield away
    away.end()
