"""Statements handed to the driver as they are.

SQLAlchemy lays out each row's parameters anew, which took a fifth of the writer's time with 27 columns, and
those of an IN list as long; their order, and what each type does to a value, are the same every time. The
values stay bound: the text holds placeholders only.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from operator import itemgetter
from typing import Any, Final, TypeAlias

from sqlalchemy import BindParameter, ClauseElement, ColumnElement, Select, String, bindparam
from sqlalchemy.engine import Connection, Dialect

from data_layer.database.rows import Row

# Bound parameters of one IN list. SQLite allows 32,766 in a statement since 3.32; this keeps the
# compiled statements few and small.
_CHUNK: Final = 512
Ids: TypeAlias = Sequence[BindParameter[str]]


class Prepared:
    """A statement that is executed with one row of parameters or many. None is NULL, whatever the type.

    Args:
        statement: Inserts, updates or deletes.
        dialect: The connection's.
        columns: Of an insert or an update that does not say it: those that a row gives.
    """

    def __init__(
        self, statement: ClauseElement, dialect: Dialect, columns: Collection[str] | None = None
    ) -> None:
        compiled: Any = statement.compile(dialect=dialect, column_keys=columns)
        self.sql = str(compiled)
        names: Sequence[str] = compiled.positiontup or ()
        # With its own name twice, so that there is a tuple of one.
        self._in_order: Callable[[Row], tuple[Any, ...]] = itemgetter(*names, *names[-1:])
        impls = [compiled.binds[name].type.dialect_impl(dialect) for name in names]
        write = [impl.bind_processor(dialect) for impl in impls]
        self._processors = [(place, each) for place, each in enumerate(write) if each]
        self._constants = {name: value for name, value in compiled.params.items() if value is not None}

    def values(self, row: Row) -> tuple[Any, ...]:
        """A row as the driver takes it."""
        values = list(self._in_order(self._constants | row if self._constants else row))
        del values[-1]
        for place, process in self._processors:
            if values[place] is not None:
                values[place] = process(values[place])
        return tuple(values)

    def execute(self, connection: Connection, rows: Sequence[Row]) -> None:
        """Execute it for each of some rows; with none, do nothing."""
        if rows:
            connection.exec_driver_sql(self.sql, [self.values(row) for row in rows])


class RowsByIds:
    """A query for the rows that bear one of some ids.

    Each IN list is as long as a power of two, filled up with its last id, so that a few statements serve all
    of them.

    Args:
        query: Made for some ids; what else it binds is text or a number.
    """

    def __init__(self, query: Callable[[Ids], Select[Any]]) -> None:
        self._query = query
        self._sized: dict[tuple[str, str, int], _SizedQuery] = {}

    def rows(self, connection: Connection, ids: Iterable[Any], asked: Row | None = None) -> list[Row]:
        """The rows of these ids; what is no text is nobody's id.

        Args:
            connection: Where.
            ids: The ids.
            asked: The query's own parameters, where it has some.
        """
        wanted = sorted(i for i in ids if isinstance(i, str))
        rows: list[Row] = []
        for start in range(0, len(wanted), _CHUNK):
            chunk = wanted[start : start + _CHUNK]
            size = 1 << (len(chunk) - 1).bit_length()
            chunk += chunk[-1:] * (size - len(chunk))
            rows += self._of(connection.dialect, size).rows(connection, chunk, asked or {})
        return rows

    def _of(self, dialect: Dialect, size: int) -> "_SizedQuery":
        key = (dialect.name, dialect.driver, size)
        if key not in self._sized:
            self._sized[key] = _SizedQuery(self._query, dialect, size)
        return self._sized[key]


def rows_where(query: Select[Any], column: ColumnElement[str]) -> RowsByIds:
    """A query for those of its rows whose column bears one of some ids."""
    return RowsByIds(lambda ids: query.where(column.in_(ids)))


class _SizedQuery:
    """The query for so many ids on one dialect."""

    def __init__(self, made: Callable[[Ids], Select[Any]], dialect: Dialect, size: int) -> None:
        number = {f"i{n}": n for n in range(size)}
        query = made([bindparam(name, type_=String) for name in number])
        compiled: Any = query.compile(dialect=dialect)
        self._sql = str(compiled)
        # Each is an id, by its number, or one of the query's own, by its name.
        self._places = [(number.get(name), name) for name in compiled.positiontup]
        self._constants = compiled.params
        self._columns = query.selected_columns
        self._names = self._columns.keys()
        self._processors: list[tuple[str, Callable[[Any], Any]]] | None = None

    def rows(self, connection: Connection, ids: Sequence[str], asked: Row) -> list[Row]:
        own = self._constants | asked
        values = tuple([own[name] if n is None else ids[n] for n, name in self._places])
        result: Any = connection.exec_driver_sql(self._sql, values)
        if self._processors is None:
            self._processors = self._read_by(connection.dialect, result.cursor.description)
        rows = [dict(zip(self._names, row, strict=True)) for row in result.all()]
        for row in rows:
            for name, process in self._processors:
                if row[name] is not None:
                    row[name] = process(row[name])
        return rows

    def _read_by(
        self, dialect: Dialect, description: Sequence[Any]
    ) -> list[tuple[str, Callable[[Any], Any]]]:
        """What each type does to a value, which of numbers depends on what the driver calls them."""
        columns = zip(self._columns, description, strict=True)
        read = [one.type.dialect_impl(dialect).result_processor(dialect, told[1]) for one, told in columns]
        return [(name, process) for name, process in zip(self._names, read, strict=True) if process]
