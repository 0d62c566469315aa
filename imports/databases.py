"""Other applications' databases, read only, row by row: a SQLite file, or PostgreSQL by its address."""

import asyncio
import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import quote

import asyncpg
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from data_layer.database.address import is_postgresql
from data_layer.database.engine import Database, open_database
from imports.files import unreadable
from imports.foreign import SourceRequest
from study.errors import ImportFailed

ForeignRow = dict[str, Any]

_FETCHED: Final = 2_000
_SQLITE: Final = b"SQLite format 3\0"


class ForeignDatabase(Protocol):
    """Tables of another application."""

    def columns(self, table: str) -> tuple[str, ...]:
        """The names of a table's columns; none where there is no such table."""
        ...

    def count(self, table: str) -> int:
        """How many rows a table has."""
        ...

    def rows(self, table: str, order: str = "", where: str = "", value: Any = None) -> Iterator[ForeignRow]:
        """Rows of a table.

        Args:
            table: Which.
            order: A column that they are sorted by; the order in which they lie, where it is empty.
            where: A column that holds `value`.
            value: What it holds; None for rows in which it is null.
        """
        ...


def is_sqlite(path: Path) -> bool:
    """Whether a file is a SQLite database."""
    try:
        with path.open("rb") as file:
            return file.read(len(_SQLITE)) == _SQLITE
    except OSError as error:
        raise unreadable(path, error) from error


@contextmanager
def database_at(asked: SourceRequest) -> Iterator[ForeignDatabase]:
    """Open a database, in one transaction that only reads.

    Raises:
        ImportFailed: It cannot be read.
    """
    if is_postgresql(asked.place):
        with _postgresql(asked.place) as database:
            yield database
        return
    path = Path(asked.place)
    if not is_sqlite(path):
        raise ImportFailed(
            f"{path} is no SQLite database. Name one, or a PostgreSQL address like: "
            "postgresql://name:password@host/database"
        )
    try:
        connection = sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, isolation_level=None)
        try:
            connection.text_factory = lambda data: data.decode("utf-8", "replace")
            connection.execute("BEGIN")
            yield _Sqlite(connection)
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise ImportFailed(
            f"{path} cannot be read as a database ({error}). Close what writes to it, or copy it first."
        ) from error


def _named(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _ordered(column: str) -> str:
    return f" ORDER BY {_named(column)}" if column else ""


class _Sqlite:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def columns(self, table: str) -> tuple[str, ...]:
        found = self._connection.execute("SELECT name FROM pragma_table_info(?)", (table,))
        return tuple(row[0] for row in found)

    def count(self, table: str) -> int:
        return int(self._connection.execute(f"SELECT count(*) FROM {_named(table)}").fetchone()[0])  # noqa: S608

    def rows(self, table: str, order: str = "", where: str = "", value: Any = None) -> Iterator[ForeignRow]:
        names, values = self.columns(table), () if value is None else (value,)
        test = f"= {'?'}" if values else "IS NULL"
        cursor = self._connection.execute(
            f"SELECT {', '.join(map(_named, names))} FROM {_named(table)}"  # noqa: S608  # names of its own
            f"{f' WHERE {_named(where)} {test}' if where else ''}{_ordered(order)}",
            values,
        )
        for row in cursor:
            yield dict(zip(names, row, strict=True))


class _Postgresql:
    """asyncpg's connection, in an event loop that goes on only while something is fetched."""

    def __init__(self, runner: asyncio.Runner, connection: Any) -> None:
        self._runner = runner
        self._connection = connection

    def columns(self, table: str) -> tuple[str, ...]:
        found = self._fetched(
            "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass($1) AND attnum > 0 "
            "AND NOT attisdropped ORDER BY attnum",
            _named(table),
        )
        return tuple(row[0] for row in found)

    def count(self, table: str) -> int:
        return int(self._fetched(f"SELECT count(*) FROM {_named(table)}")[0][0])  # noqa: S608

    def rows(self, table: str, order: str = "", where: str = "", value: Any = None) -> Iterator[ForeignRow]:
        values = () if value is None else (str(value),)
        test = f"WHERE {_named(where)}{'::text = $1' if values else ' IS NULL'}" if where else ""
        cursor = self._runner.run(
            self._cursor(
                f"SELECT * FROM {_named(table)} {test}{_ordered(order)}",  # noqa: S608
                values,
            )
        )
        while rows := self._runner.run(cursor.fetch(_FETCHED)):
            for row in rows:
                yield {name: _read(value) for name, value in row.items()}

    def _fetched(self, text: str, *values: Any) -> list[Any]:
        async def fetch() -> list[Any]:
            rows: list[Any] = await self._connection.fetch(text, *values)
            return rows

        return self._runner.run(fetch())

    async def _cursor(self, text: str, values: tuple[Any, ...]) -> Any:
        statement = await self._connection.prepare(text)
        return await statement.cursor(*values)


def _read(value: Any) -> Any:
    """What asyncpg gives for its own types, as text; JSON it gives as text already."""
    if value is None or isinstance(value, str | int | float | bool | list | dict):
        return value
    return value if hasattr(value, "isoformat") else str(value)


@contextmanager
def _postgresql(address: str) -> Iterator[_Postgresql]:
    database = open_database(address)
    with asyncio.Runner() as runner:
        try:
            connection, raw = runner.run(_begun(database))
        except (SQLAlchemyError, asyncpg.PostgresError, OSError) as error:
            runner.run(database.close())
            raise ImportFailed(
                f"The database there does not answer ({_reason(error)}). See its address."
            ) from error
        try:
            yield _Postgresql(runner, raw)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, ConnectionError) as error:
            raise ImportFailed(
                f"The database there went away, or has another shape ({_reason(error)}). Look, and give the "
                "same command again: what is imported is kept."
            ) from error
        finally:
            runner.run(connection.invalidate())
            runner.run(connection.close())
            runner.run(database.close())


def _reason(error: BaseException) -> str:
    return type(getattr(error, "orig", None) or error).__name__


async def _begun(database: Database) -> tuple[AsyncConnection, Any]:
    connection = await database.engine.connect()
    raw = (await connection.get_raw_connection()).driver_connection
    assert raw is not None
    await raw.transaction(isolation="repeatable_read", readonly=True).start()
    return connection, raw


def as_list(value: Any) -> list[Any]:
    """A list that a database holds as an array, or as JSON in a text."""
    if isinstance(value, str) and value[:1] == "[":
        try:
            value = json.loads(value)
        except ValueError:
            return [value]
    if isinstance(value, str) and value[:1] == "{" and value[-1:] == "}":
        return [one.strip('"') for one in value[1:-1].split(",") if one]
    return value if isinstance(value, list) else [] if value in (None, "") else [value]
