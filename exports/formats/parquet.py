"""Parquet: typed, compressed, and read by pandas, R (arrow), DuckDB and Polars alike."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from exports.columns.field import LIST, Field, Kind, stored_schema
from exports.formats.base import Format, FormatWriter, HashingFile, check_names
from exports.rows.vectors import lists_of_texts, texts_of_lists

# A row group is held in memory until it is whole, and its encoded pages beside it. 8 MB are some 10,000
# messages; 16 MB took 30 MB more at the peak and saved 1 % of the file.
ROW_GROUP_BYTES: Final = 8_000_000
ROW_GROUP_ROWS: Final = 65_536
READ_ROWS: Final = 8192


class ParquetWriter(FormatWriter):
    """Gathers batches into row groups."""

    def __init__(self, file: HashingFile, columns: tuple[Field, ...]) -> None:
        super().__init__(file, columns)
        self._schema = stored_schema(columns)
        self._writer = pq.ParquetWriter(
            file,
            self._schema,
            compression="zstd",
            compression_level=1,
            # Ids and texts are all different: a dictionary of them is built only to be thrown away.
            use_dictionary=[c.name for c in columns if c.repeats] or False,
            write_statistics=[c.name for c in columns if c.name in ("thread_id", "seq")] or False,
            store_schema=True,
        )
        self._waiting: list[pa.RecordBatch] = []
        self._rows = 0
        self._bytes = 0

    def write(self, batch: pa.RecordBatch) -> None:
        """Append rows."""
        self._waiting.append(batch)
        self._rows += batch.num_rows
        self._bytes += batch.nbytes
        if self._rows >= ROW_GROUP_ROWS or self._bytes >= ROW_GROUP_BYTES:
            self._flush()

    def finish(self) -> None:
        """Write the last row group and the footer."""
        self._flush()
        self._writer.close()

    def abandon(self) -> None:
        """Keep pyarrow from writing a footer when it is collected: the file may be gone by then."""
        self._writer.is_open = False

    def _flush(self) -> None:
        if self._waiting:
            table = pa.Table.from_batches(_with_lists(self._waiting, self.columns)).cast(self._schema)
            self._writer.write_table(table, row_group_size=max(1, self._rows))
        self._waiting, self._rows, self._bytes = [], 0, 0


class Parquet(Format):
    """Apache Parquet."""

    name = "parquet"
    media_type = "application/vnd.apache.parquet"

    def writer(self, file: HashingFile, columns: tuple[Field, ...]) -> FormatWriter:
        """Begin a file."""
        return ParquetWriter(file, columns)

    def read(
        self, path: Path, columns: tuple[Field, ...], *, whole: bool = False
    ) -> Iterator[pa.RecordBatch]:
        """Read a file."""
        with pq.ParquetFile(path) as file:
            names = [column.name for column in columns]
            if whole:
                check_names(file.schema_arrow.names, columns)
                # The same digits are another moment in another unit.
                if file.schema_arrow.types != [column.stored_type for column in columns]:
                    raise ValueError("its columns have other types")
            for batch in file.iter_batches(READ_ROWS, columns=names):
                yield _with_texts(batch, columns)


def _with_lists(batches: list[pa.RecordBatch], columns: Sequence[Field]) -> list[pa.RecordBatch]:
    """The vectors as lists."""
    for place, column in enumerate(columns):
        if column.kind is Kind.VECTOR:
            batches = [
                one.set_column(place, pa.field(column.name, LIST), lists_of_texts(one.column(place)))
                for one in batches
            ]
    return batches


def _with_texts(batch: pa.RecordBatch, columns: Sequence[Field]) -> pa.RecordBatch:
    """The vectors as texts."""
    for place, column in enumerate(columns):
        if column.kind is Kind.VECTOR:
            texts = texts_of_lists(batch.column(column.name))
            batch = batch.set_column(place, pa.field(column.name, pa.string()), texts)
    return batch
