"""Connections to PostgreSQL: statements are kept where the server itself answers, and not behind a pooler."""

import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from sqlalchemy.exc import DBAPIError
from structlog.testing import capture_logs

from data_layer.database.connecting import Connecting, is_pooled
from data_layer.database.engine import Database, open_database, postgres_address
from data_layer.database.migrate import upgrade
from exports.backup.make import check
from study.errors import DatabaseError, ExportError
from tests.pgbouncer import PgBouncer
from tests.postgres import PostgresServer
from tests.programs import program

PID = "SELECT pg_backend_pid()"
KEPT = "SELECT name FROM pg_prepared_statements"


_CERTIFICATE = (
    "req -x509 -nodes -newkey ec -pkeyopt ec_paramgen_curve:P-256 -days 2 -subj /CN=localhost "
    "-addext subjectAltName=DNS:localhost -keyout key.pem -out certificate.pem"
)


@pytest.fixture
def pooled_url(postgres_server: PostgresServer, pgbouncer: PgBouncer) -> Iterator[str]:
    """The address of an empty database at head, through the pooler."""
    name = postgres_server.lend()
    yield pgbouncer.url_of(name)
    postgres_server.take_back(name)


@pytest.fixture(scope="module")
def encrypting(
    postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PgBouncer]:
    """A pooler on a port of this machine that takes encrypted connections alone."""
    folder = tmp_path_factory.mktemp("certificate")
    subprocess.run(
        [program("openssl"), *_CERTIFICATE.split()],
        cwd=folder,
        check=True,
        capture_output=True,
    )
    pooler = PgBouncer(postgres_server, certificate=folder)
    yield pooler
    pooler.stop()


async def kept_statements(database: Database) -> int:
    """How many statements with a name a session keeps after a question."""
    async with database.engine.connect() as connection:
        await connection.exec_driver_sql("SELECT 1 + 1")
        raw: Any = (await connection.get_raw_connection()).driver_connection
        return sum(row["name"] != "" for row in await raw.fetch(KEPT))


async def test_the_server_itself_keeps_statements(postgres_url: str) -> None:
    """That nobody stands between is found by asking, once."""
    database = open_database(postgres_url)
    assert await kept_statements(database) > 0
    assert not database.pooled
    await database.close()


async def test_a_pooler_is_noticed_and_nothing_is_kept_behind_it(pooled_url: str) -> None:
    """Nothing in the address says that there is one."""
    database = open_database(pooled_url)
    assert await kept_statements(database) == 0
    assert database.pooled
    assert await is_pooled(postgres_address(pooled_url), 10)
    await database.close()


async def test_a_pooler_that_is_told_of_is_not_looked_for(postgres_url: str) -> None:
    """The address says so: taken at its word, also where it is wrong and only slower for it."""
    database = open_database(f"{postgres_url}&pgbouncer=true")
    assert await kept_statements(database) == 0
    await database.close()


async def test_a_pooler_that_came_later_is_noticed_by_the_first_clash(pooled_url: str) -> None:
    """A statement is not known to the session that answers: from then on none has a name."""
    wrong = open_database(f"{pooled_url}&pgbouncer=false")
    async with wrong.engine.connect() as connection:
        prepared_in = (await connection.exec_driver_sql(PID)).scalar_one()
    with capture_logs() as logs:
        async with holding(pooled_url, prepared_in):
            async with wrong.engine.connect() as connection:
                with pytest.raises(DBAPIError, match="does not exist"):
                    await connection.exec_driver_sql(PID)
            async with wrong.engine.connect() as connection:
                assert (await connection.exec_driver_sql(PID)).scalar_one() != prepared_in
    assert wrong.pooled
    assert [entry["event"] for entry in logs] == ["database_behind_a_pooler"]
    assert await kept_statements(wrong) == 0
    await wrong.close()


@asynccontextmanager
async def holding(url: str, session: int) -> AsyncIterator[None]:
    """Keep one of the server's sessions from everybody else."""
    arguments = Connecting(postgres_address(url), 10.0).arguments(pooled=True)
    held = []
    try:
        while not held or await held[-1].fetchval(PID) != session:
            held.append(await asyncpg.connect(**arguments))
            await held[-1].execute("BEGIN")
        yield
    finally:
        for connection in held:
            await connection.close()


async def test_tables_are_made_through_a_pooler(
    postgres_server: PostgresServer, pgbouncer: PgBouncer
) -> None:
    """The first start, and a second that finds all done."""
    name = postgres_server.make_database("template0")
    await upgrade(pgbouncer.url_of(name))
    await upgrade(pgbouncer.url_of(name))
    postgres_server.drop_database(name)


async def test_what_a_session_is_asked_for_is_there(postgres_url: str) -> None:
    """The name in the server's lists, and settings of the session."""
    asked = "&application_name=verbatim%20one&options=-c%20statement_timeout%3D7s&connect_timeout=5"
    database = open_database(f"{postgres_url}{asked}")
    async with database.engine.connect() as connection:
        for name, value in (("application_name", "verbatim one"), ("statement_timeout", "7s")):
            assert (await connection.exec_driver_sql(f"SHOW {name}")).scalar_one() == value
    await database.close()


async def test_options_that_a_pooler_refuses_are_a_sentence(pooled_url: str) -> None:
    """With what to do instead."""
    with pytest.raises(DatabaseError, match=r"unsupported startup parameter.*ALTER ROLE") as refused:
        await upgrade(f"{pooled_url}&options=-c%20search_path%3Dpublic")
    assert "\n" not in str(refused.value)


def test_a_backup_through_a_pooler_is_refused(pooled_url: str, tmp_path: Path) -> None:
    """pg_dump would leave its own settings in sessions that others go on with."""
    with pytest.raises(ExportError, match="the server's own address"):
        check(pooled_url, tmp_path, tmp_path / "out")


@pytest.mark.parametrize("query", ["sslmode=require", "ssl=true", "sslmode=verify-full&sslrootcert={file}"])
async def test_an_encrypted_connection_is_made(
    query: str, encrypting: PgBouncer, postgres_server: PostgresServer
) -> None:
    """As it was asked for: with the server's proof, or without."""
    name = postgres_server.lend()
    file = encrypting.certificate / "certificate.pem" if encrypting.certificate else None
    database = open_database(f"{encrypting.tcp_url_of(name)}?{query.format(file=file)}")
    async with database.engine.connect() as connection:
        raw: Any = (await connection.get_raw_connection()).driver_connection
        assert raw._transport.get_extra_info("ssl_object") is not None
    await database.close()
    postgres_server.take_back(name)


@pytest.mark.parametrize(
    ("query", "repair"),
    [
        ("sslmode=disable", "sslmode=require"),
        ("sslmode=verify-full&sslrootcert=system", "sslrootcert=FILE"),
        ("sslmode=verify-full", "sslrootcert=FILE"),
    ],
)
async def test_an_encryption_that_is_not_to_be_had_is_a_sentence(
    query: str, repair: str, encrypting: PgBouncer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the repair, and without the password."""
    monkeypatch.setenv("HOME", str(tmp_path))
    url = encrypting.tcp_url_of("postgres").replace("postgres@", "postgres:hunter2@")
    with pytest.raises(DatabaseError) as refused:
        await upgrade(f"{url}?{query}")
    assert repair in str(refused.value)
    assert "\n" not in str(refused.value)
    assert "hunter2" not in str(refused.value)
