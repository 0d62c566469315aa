"""What a table is: its columns, and where its rows come from."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
from sqlalchemy import ColumnElement, FromClause, Integer, Select, Text, cast, func, select

from data_layer.types import UtcTime
from exports.column import Column, Kind, arrow_schema
from exports.scope import Scope
from exports.sql import iso_text

Values = Mapping[str, ColumnElement[Any]]


@dataclass(frozen=True)
class Extract:
    """Where the rows of a table come from.

    Args:
        source: The table, with the joins that its columns need.
        values: Each column's expression, by the column's name.
        where: Which rows.
        order: A total order that an index gives, so that rows stream without a sort.
        touched: When the row came to be as it is: moments, and orders (microseconds since 1970). The
            newest of them lets verify tell a row that has moved on from one that differs.
        chosen: When it came to be among the chosen rows, or left them, where that is not its own doing.
        follows: Whether it is there because rows of other tables name it, and leaves with them.
        counted: A source with as many rows and fewer joins, where the columns need joins that add none.
    """

    source: FromClause
    values: Values
    where: tuple[ColumnElement[bool], ...]
    order: tuple[ColumnElement[Any], ...]
    touched: tuple[ColumnElement[Any], ...]
    chosen: tuple[ColumnElement[Any], ...] = ()
    follows: bool = False
    counted: FromClause | None = None


@dataclass(frozen=True)
class Table:
    """A table of an export.

    Args:
        name: Of the table and its files.
        description: One sentence for the codebook.
        columns: In the order of the header.
        key: Names of the columns that together name a row.
        extract: Makes its Extract.
        personal: Says who participants are; left out unless asked for.
    """

    name: str
    description: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    extract: Callable[[Scope], Extract] = field(repr=False)
    personal: bool = False

    @property
    def schema(self) -> pa.Schema:
        """Its Arrow schema."""
        return arrow_schema(self.columns)

    def rows(self, scope: Scope, *, moments: bool = False) -> Select[Any]:
        """The select of its rows, as raw values that exports/batches.py reads.

        Args:
            scope: Which rows.
            moments: Whether Extract.touched and Extract.chosen follow the columns.
        """
        extract = self.extract(scope)
        values = [
            _raw(column.kind, extract.values[column.name]).label(column.name) for column in self.columns
        ]
        if moments:
            both = (*extract.touched, *extract.chosen)
            values += [_moment(value).label(f"moment_{n}") for n, value in enumerate(both)]
        return select(*values).select_from(extract.source).where(*extract.where).order_by(*extract.order)

    def count(self, scope: Scope) -> Select[Any]:
        """The select of the number of its rows."""
        extract = self.extract(scope)
        source = extract.source if extract.counted is None else extract.counted
        return select(func.count()).select_from(source).where(*extract.where)


def own_columns(table: FromClause, columns: tuple[Column, ...], **derived: ColumnElement[Any]) -> Values:
    """The expressions of columns that stand in a database table under their own name.

    Args:
        table: The database table.
        columns: The exported columns.
        derived: Expressions of the others, and of those that differ.
    """
    own = {c.name: table.c[c.name] for c in columns if c.name in table.c and c.name not in derived}
    return {**own, **derived}


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
