"""Rows of data sets as they are published: JSON lines, a list, or Parquet."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from imports.files import json_rows, unreadable
from imports.foreign import SourceRequest
from study.errors import ImportFailed

_PARQUET: Final = b"PAR1"
_ROWS: Final = 1_000


def dataset_rows(asked: SourceRequest) -> Iterator[tuple[int, Any]]:
    """The rows of a file, each with its place, from 1.

    Raises:
        ImportFailed: The file cannot be read.
    """
    path = Path(asked.place)
    try:
        with path.open("rb") as file:
            is_parquet = file.read(4) == _PARQUET
    except OSError as error:
        raise unreadable(path, error) from error
    yield from _parquet(asked, path) if is_parquet else json_rows(asked)


def _parquet(asked: SourceRequest, path: Path) -> Iterator[tuple[int, Any]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    place = 0
    try:
        with pq.ParquetFile(path) as file:
            asked.far.total = file.metadata.num_rows
            for batch in file.iter_batches(_ROWS):
                for row in batch.to_pylist():
                    place += 1
                    asked.far.done = place
                    yield place, row
    except pa.ArrowException as error:
        raise ImportFailed(f"{path} is a Parquet file that breaks off. Download it anew.") from error
