"""What a table is: its columns, and where its rows come from."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import pyarrow as pa
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Integer,
    Select,
    Text,
    and_,
    case,
    cast,
    func,
    literal,
    select,
)

from data_layer.database.types import UtcTime
from exports.columns.column import Column
from exports.columns.derived import DerivedTable, ReadColumns
from exports.columns.field import Kind, stored_schema
from exports.columns.scope import Scope
from exports.columns.sql import iso_text

# What a row says of having left the screen.
LEAVING: Final = frozenset({"branch", "deleted_at", "deleted_by", "deleted_because"})
# A moment that has not come: of what is still open, and may change.
OPEN: Final[ColumnElement[int]] = literal(2**62, BigInteger())


@dataclass(frozen=True)
class Extract:
    """Where the rows of a table come from.

    Args:
        source: The table, with the joins that its columns need.
        where: Which rows.
        order: A total order that an index gives, so that rows stream without a sort.
        touched: When what the row itself says was last written: moments, and orders (microseconds since
            1970). Empty where nothing rewrites a row.
        moved: When it came, left, or came back.
        around: Columns that something else decides: other rows of its thread, or that it left the screen.
        fixed: Columns that nothing rewrites, where `touched` says that others are.
        walks: Whether it may come back with a branch and bear no moment of that.
        follows: The column that names what it comes and leaves with; its thread, where it has one.
        counted: A source with as many rows and fewer joins, where the columns need joins that add none.
    """

    source: FromClause
    where: tuple[ColumnElement[bool], ...]
    order: tuple[ColumnElement[Any], ...]
    touched: tuple[ColumnElement[Any], ...]
    moved: tuple[ColumnElement[Any], ...] = ()
    around: frozenset[str] = frozenset()
    fixed: frozenset[str] = frozenset()
    walks: bool = False
    follows: str | None = "thread_id"
    counted: FromClause | None = None


@dataclass(frozen=True)
class ExportTable:
    """A table of an export.

    Args:
        name: Of the table and its files.
        description: One sentence for the codebook.
        columns: In the order of the header.
        key: Names of the columns that together name a row.
        extract: Makes its Extract.
        personal: Says who participants are; left out unless asked for.
        on_request: Left out unless asked for, for its size.
        remade: Another row with the same first part of the key may take the place of one.
        comes_of: Names of the tables that it comes of, which stand before it and leave with it; none for a
            table that is read from the database.
        derive: Makes it of them: its columns may depend on their rows. What extract gives are these rows
            without such columns.
    """

    name: str
    description: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    extract: Callable[[Scope], Extract] = field(repr=False)
    personal: bool = False
    on_request: bool = False
    remade: bool = False
    comes_of: tuple[str, ...] = ()
    derive: Callable[[Mapping[str, ReadColumns]], DerivedTable] | None = field(default=None, repr=False)

    def column(self, name: str) -> Column:
        """One of its columns."""
        return next(column for column in self.columns if column.name == name)

    @property
    def schema(self) -> pa.Schema:
        """Its Arrow schema, as Parquet has it."""
        return stored_schema(self.columns)

    def rows(self, scope: Scope, *, moments: bool = False) -> Select[Any]:
        """The select of its rows, as raw values that exports/rows/batches.py reads.

        Args:
            scope: Which rows.
            moments: Whether Extract.touched and Extract.moved follow the columns.
        """
        extract = self.extract(scope)
        values = [_raw(column.kind, column.expression(scope)).label(column.name) for column in self.columns]
        if moments:
            both = (*extract.touched, *extract.moved)
            values += [_moment(value).label(f"moment_{n}") for n, value in enumerate(both)]
        return select(*values).select_from(extract.source).where(*extract.where).order_by(*extract.order)

    def count(self, scope: Scope) -> Select[Any]:
        """The select of the number of its rows."""
        extract = self.extract(scope)
        source = extract.source if extract.counted is None else extract.counted
        return select(func.count()).select_from(source).where(*extract.where)


def until_closed(*moments: ColumnElement[Any]) -> tuple[ColumnElement[Any], ...]:
    """When something was closed: the first of these moments that is known; none has come while it is open."""
    known = func.coalesce(*moments) if len(moments) > 1 else moments[0]
    return (known, case((and_(*(one.is_(None) for one in moments)), OPEN)))


def _raw(kind: Kind, value: ColumnElement[Any]) -> ColumnElement[Any]:
    """An expression as both drivers give it alike: text, whole number, float."""
    if kind is Kind.TIME:
        return iso_text(value)
    if kind is Kind.BOOLEAN:
        return cast(value, Integer)
    if kind is Kind.JSON:
        return cast(value, Text)
    return value


def _moment(value: ColumnElement[Any]) -> ColumnElement[Any]:
    return iso_text(value) if isinstance(value.type, UtcTime) else value
