"""Reading an export into pandas, with the types that it was written with."""

from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Final

import pandas as pd
import pyarrow as pa

from exports.columns.field import Field, arrow_schema
from exports.documents.datapackage import columns_in
from exports.documents.manifest import PartitionedTable, TableEntry, read_manifest
from exports.formats.registry import FORMATS_BY_NAME
from study.errors import ExportError

# The quickest to read first.
_PREFERRED: Final = ("parquet", "csv", "jsonl")


def load(
    folder: str | Path, *, tables: Iterable[str] | None = None, format: str | None = None
) -> dict[str, pd.DataFrame]:
    """Read an export.

    Text stays text ("NA", "None" and "" are no missing values), whole numbers with gaps stay whole numbers
    (Int64), booleans with gaps booleans (boolean), times are UTC, columns of JSON are text to be parsed.

    Args:
        folder: The export.
        tables: Which tables; all when None.
        format: Which files to read, where there are several; the result is the same.

    Returns:
        A DataFrame a table.

    Raises:
        ExportError: It is no export, or there is no such table or format in it.
    """
    folder = Path(folder)
    manifest = read_manifest(folder)
    columns = columns_in(folder)
    there = {entry.name: entry for entry in manifest.all_tables}
    frames = {}
    for name in tables if tables is not None else there:
        if name not in there:
            raise ExportError(f"{folder} holds no table {name!r}. It holds: {', '.join(there)}.")
        chosen, files = _files(folder, there[name], format)
        rows = (FORMATS_BY_NAME[chosen].read(folder / one, columns[name]) for one in files)
        frames[name] = _frame(chain.from_iterable(rows), columns[name], folder / files[0])
    return frames


def _files(folder: Path, entry: TableEntry | PartitionedTable, asked: str | None) -> tuple[str, list[str]]:
    """The format that a table is read in, and its files."""
    if isinstance(entry, PartitionedTable):
        return _choose(folder, entry.name, ("parquet",), asked), [one.path for one in entry.buckets]
    files = entry.whole
    chosen = _choose(folder, entry.name, tuple(files), asked)
    return chosen, [files[chosen].path]


def _choose(folder: Path, table: str, formats: tuple[str, ...], asked: str | None) -> str:
    if asked is not None and asked not in formats:
        raise ExportError(f"{folder} holds {table} as {' and '.join(formats)}, not as {asked}.")
    return asked or next(name for name in _PREFERRED if name in formats)


def _frame(batches: Iterator[pa.RecordBatch], columns: tuple[Field, ...], path: Path) -> pd.DataFrame:
    try:
        # What may be missing is not said again here: a file is read as it is.
        schema = pa.schema([pa.field(one.name, one.type) for one in arrow_schema(columns)])
        table = pa.Table.from_batches([one.cast(schema) for one in batches], schema)
    except (OSError, ValueError, KeyError) as error:
        raise ExportError(f"{path} cannot be read: {error}. Export again.") from error
    return table.to_pandas(types_mapper=_PANDAS.get)


_PANDAS: Final = {pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}
