"""What tests of every folder share: databases, a clock, the record over them.

A test that takes `database_url` or `record` runs twice: on SQLite and on a real PostgreSQL.
"""

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from data_layer.engine import Database, open_database
from data_layer.fold_state import ThreadDefaults
from data_layer.migrate import upgrade
from data_layer.record import Record
from tests.data_layer.outages import ClosedDatabase, HeldLock, Outage
from tests.fakes import HandClock
from tests.postgres import PostgresServer, run

SLOW = (
    "tests/front_door/",
    "tests/exports/test_memory",
    "tests/exports/test_command",
    "tests/exports/test_how_to",
    "tests/exports/test_backup",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what `scripts/test unit` leaves to the whole run: another database, processes of their own."""
    for item in items:
        parameters = item.nodeid.partition("[")[2]
        fixtures = getattr(item, "fixturenames", ())
        if "postgres" in parameters or ("sqlite" not in parameters and "postgres_url" in fixtures):
            item.add_marker(pytest.mark.postgres)
        if item.nodeid.startswith(SLOW):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file at head, to be copied: migrating takes longer than most tests."""
    path = tmp_path_factory.mktemp("migrated") / "verbatim.db"
    run(upgrade(f"sqlite+aiosqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """The one PostgreSQL of the run."""
    server = PostgresServer()
    yield server
    server.remove()


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


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An empty database, open."""
    opened = open_database(database_url)
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
