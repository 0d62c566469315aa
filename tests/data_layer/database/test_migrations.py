"""The migrations make exactly what schema.py says, from nothing, twice, back and forth."""

import ast
import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.util.exc import CommandError
from sqlalchemy import inspect
from sqlalchemy.engine import Connection

from data_layer.database import migrate, schema
from data_layer.database.engine import Database, open_database
from study.errors import DatabaseError
from tests.data_layer.rows import execute
from tests.postgres import PostgresServer

VERSIONS = sorted((Path(migrate.__file__).parents[1] / "migrations" / "versions").glob("[0-9]*.py"))


@pytest.fixture(params=["sqlite", "postgresql"])
def bare_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database without anything in it."""
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path}/new folder/verbatim.db"
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    name = server.make_database("template0")
    yield server.url_of(name)
    server.drop_database(name)


async def tables(database: Database) -> set[str]:
    """The tables that are there, without what FTS5 keeps behind its own."""

    def names(connection: Connection) -> set[str]:
        return {
            name for name in inspect(connection).get_table_names() if not name.startswith("search_index_")
        }

    async with database.engine.connect() as connection:
        return await connection.run_sync(names)


async def current_matches(database: Database) -> bool:
    """Whether Alembic would change nothing: the migrations make what schema.py says."""
    async with database.engine.begin() as connection:
        try:
            await connection.run_sync(migrate._run, command.check)
        except CommandError:
            return False
    return True


async def test_they_make_exactly_the_schema(bare_url: str) -> None:
    """Alembic finds nothing to change: tables, columns, types, indexes."""
    await migrate.upgrade(bare_url)
    database = open_database(bare_url)
    assert await current_matches(database)
    assert await tables(database) == {*schema.metadata.tables, "alembic_version", "search_index"}
    await database.close()


async def test_a_missing_index_is_noticed(bare_url: str) -> None:
    """The check above can fail."""
    await migrate.upgrade(bare_url)
    database = open_database(bare_url)
    await execute(database, "DROP INDEX ix_threads_sidebar")
    assert not await current_matches(database)
    await database.close()


@pytest.mark.parametrize("bare_url", ["postgresql"], indirect=True)
async def test_two_that_start_at_once_make_it_once(bare_url: str) -> None:
    """The second waits for the first, and finds all of it there. A SQLite database is served by one."""
    await asyncio.gather(migrate.upgrade(bare_url), migrate.upgrade(bare_url))
    database = open_database(bare_url)
    assert await current_matches(database)
    await database.close()


async def test_doing_it_twice_does_nothing(bare_url: str) -> None:
    """Every start does it."""
    await migrate.upgrade(bare_url)
    database = open_database(bare_url)
    await execute(
        database,
        "INSERT INTO prompts (prompt_hash, messages, created_at) VALUES ('x', '[]', '2026-11-21T12:00:00Z')",
    )
    await migrate.upgrade(bare_url)
    async with database.engine.connect() as connection:
        kept = await connection.exec_driver_sql("SELECT prompt_hash FROM prompts")
        assert kept.scalar() == "x"
    await database.close()


async def test_back_and_forth_ends_alike(bare_url: str) -> None:
    """Down to nothing and up again."""
    await migrate.upgrade(bare_url)
    database = open_database(bare_url)
    async with database.engine.begin() as connection:
        await connection.run_sync(migrate._run, command.downgrade, "base")
    assert await tables(database) == {"alembic_version"}
    await migrate.upgrade_open(database)
    assert await current_matches(database)
    await database.close()


async def test_a_newer_verbatims_database_is_refused(bare_url: str) -> None:
    """With the repair, not with a traceback; and nothing is changed."""
    await migrate.upgrade(bare_url)
    database = open_database(bare_url)
    await execute(database, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(DatabaseError, match="Install the version that made it"):
        await migrate.upgrade(bare_url)
    await database.close()


async def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    """Named, with what to check."""
    path = tmp_path / "verbatim.db"
    path.write_text("Dear diary, " * 1000)
    with pytest.raises(DatabaseError, match="VERBATIM_DATABASE_URL"):
        await migrate.upgrade(f"sqlite+aiosqlite:///{path}")


async def test_a_server_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """A wrong host says so; the address, which may hold a password, is not repeated."""
    with pytest.raises(DatabaseError, match="VERBATIM_DATABASE_URL") as refusal:
        await migrate.upgrade(f"postgresql+asyncpg://ada:swordfish@/study?host={tmp_path}")
    assert "swordfish" not in str(refusal.value)


@pytest.mark.parametrize("url", ["mysql://x/y", "sqlite:///x.db", "jdbc:postgresql://x/y", "nowhere", ""])
def test_another_address_is_refused(url: str) -> None:
    """With the two that can be used."""
    with pytest.raises(DatabaseError, match=re.escape("sqlite+aiosqlite:///data/verbatim.db")):
        open_database(url)


async def test_sqlite_keeps_what_it_has_committed(sqlite_url: str) -> None:
    """WAL, and FULL: a commit survives a power cut (https://www.sqlite.org/pragma.html#pragma_synchronous)."""
    database = open_database(sqlite_url)

    def pragmas(connection: Connection) -> list[object]:
        names = ("journal_mode", "synchronous")
        return [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names]

    assert await database.transact(pragmas) == ["wal", 2]
    async with database.engine.connect() as connection:
        assert await connection.run_sync(pragmas) == ["wal", 2]
    await database.close()


async def test_closing_twice_is_closing_once(sqlite_url: str) -> None:
    """Chainlit closes the layer, and so does whoever opened it."""
    database = open_database(sqlite_url)
    await database.close()
    await database.close()


def test_a_test_that_drops_a_table_leaves_none_without_it(postgres_server: PostgresServer) -> None:
    """The databases of the tests are lent again and again: one that has lost a table is not."""
    name = postgres_server.lend()
    postgres_server.execute("DROP TABLE processes", database=name)
    postgres_server.take_back(name)
    others = [postgres_server.lend() for _ in range(2)]
    assert name not in others
    for other in others:
        postgres_server.execute("SELECT count(*) FROM processes", database=other)
        postgres_server.take_back(other)


# From the first that several processes may see: one of an earlier version goes on while the next one starts.
ADDS_ONLY_FROM = 23
ADDING = {"add_column", "create_table", "create_index", "f"}


def operations(migration: Path) -> list[ast.Call]:
    """What a migration does on its way forward."""
    (forward,) = (
        one
        for one in ast.parse(migration.read_text(encoding="utf-8")).body
        if isinstance(one, ast.FunctionDef) and one.name == "upgrade"
    )
    return [
        one
        for one in ast.walk(forward)
        if isinstance(one, ast.Call)
        and isinstance(one.func, ast.Attribute)
        and isinstance(one.func.value, ast.Name)
        and one.func.value.id == "op"
    ]


@pytest.mark.parametrize(
    "migration",
    [one for one in VERSIONS if int(one.name[:4]) >= ADDS_ONLY_FROM],
    ids=lambda migration: str(migration.name),
)
def test_an_older_version_runs_on_a_newer_database(migration: Path) -> None:
    """A migration only adds: processes are started anew one after another, and none of them is in its way."""
    found = operations(migration)
    assert found
    assert {one.func.attr for one in found if isinstance(one.func, ast.Attribute)} <= ADDING


def test_what_takes_something_away_would_be_noticed() -> None:
    """The first migrations may: nothing older runs beside them."""
    taking = {
        one.func.attr
        for migration in VERSIONS
        for one in operations(migration)
        if isinstance(one.func, ast.Attribute)
    }
    assert not taking <= ADDING
