"""What values are called: for the loaders, and for programs that know such words."""

from collections.abc import Sequence
from typing import Final

from exports.columns.field import Kind
from exports.columns.table import ExportTable
from exports.formats.csv import csv_document

VALUE_LABELS_NAME: Final = "value-labels.csv"
_COLUMNS: Final = {"table": Kind.TEXT, "column": Kind.TEXT, "value": Kind.TEXT, "label": Kind.TEXT}


def value_labels_csv(tables: Sequence[ExportTable]) -> bytes | None:
    """One row a value that is called otherwise, in the order in which it was offered; None without any.

    Args:
        tables: What was exported.
    """
    rows = [
        (table.name, column.name, f"{value:.15g}" if isinstance(value, float) else value, label)
        for table in tables
        for column in table.columns
        for value, label in column.labels
    ]
    return csv_document(_COLUMNS, rows) if rows else None
