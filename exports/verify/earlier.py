"""Exports of earlier formats: read by the columns that they have, proved by what these meant then."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import ColumnElement

from data_layer.database import schema
from exports.columns.table import ExportTable
from exports.documents.manifest import FORMAT_VERSION, PARTITIONED_VERSION

# What a column meant up to and including a format, by table and column. A column that a format did not have
# needs no line, nor does one that is written in another way and says the same.
_MEANT: Final[Mapping[int, Mapping[tuple[str, str], ColumnElement[Any]]]] = {
    2: {("messages", "agent"): schema.steps.c.agent},
}


def as_of(table: ExportTable, version: int, names: Collection[str]) -> ExportTable:
    """A table as an earlier format had it.

    Args:
        table: As it is now.
        version: The format.
        names: The columns that an export of that format has; those that are not the table's are passed over.

    Returns:
        The table with those columns alone, meaning what they meant; the same table for the format of now.
    """
    if version in (FORMAT_VERSION, PARTITIONED_VERSION):
        return table
    # The change that came first after the format is what a column meant in it.
    meant = {
        column: value
        for last in sorted(_MEANT, reverse=True)
        if last >= version
        for (of, column), value in _MEANT[last].items()
        if of == table.name
    }
    columns = (column for column in table.columns if column.name in names)
    return replace(
        table, columns=tuple(replace(one, value=meant.get(one.name, one.value)) for one in columns)
    )
