"""A table that comes of others of the same export, not of the database: what it says, they say."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from exports.columns.column import Column

if TYPE_CHECKING:
    from exports.columns.table import ExportTable

# Reads some columns of a table, wherever its rows are.
ReadColumns = Callable[[tuple[Column, ...]], Iterator[pa.RecordBatch]]


@dataclass(frozen=True)
class DerivedTable:
    """Such a table, as it comes of these rows.

    Args:
        table: With all its columns.
        rows: Gives its rows; may be asked again.
    """

    table: "ExportTable"
    rows: Callable[[], Iterator[pa.RecordBatch]]
