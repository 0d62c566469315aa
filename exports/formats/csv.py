"""CSV as RFC 4180 has it, in UTF-8, nothing changed: line breaks and leading "=" included.

Text is always quoted and a missing value never is: so "" is an empty text and nothing is a missing one.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pc_csv

from exports.column import Column, Kind
from exports.formats.base import Format, HashingFile, Writer

# The longest row that can be read back: a prompt of eight million characters at least.
READ_BYTES: Final = 32_000_000


class CsvWriter(Writer):
    """Writes times as ISO text with a T, which every reader understands."""

    def __init__(self, file: HashingFile, columns: tuple[Column, ...]) -> None:
        super().__init__(file, columns)
        options = pc_csv.WriteOptions(include_header=True, quoting_style="needed")
        self._writer = pc_csv.CSVWriter(file, _text_schema(columns), write_options=options)

    def write(self, batch: pa.RecordBatch) -> None:
        """Append rows."""
        arrays = [
            iso_times(array) if column.kind is Kind.TIME else array
            for column, array in zip(self.columns, batch.columns, strict=True)
        ]
        self._writer.write_batch(pa.RecordBatch.from_arrays(arrays, schema=_text_schema(self.columns)))

    def finish(self) -> None:
        """Nothing more."""
        self._writer.close()


class Csv(Format):
    """Comma-separated values."""

    name = "csv"
    media_type = "text/csv"

    def writer(self, file: HashingFile, columns: tuple[Column, ...]) -> Writer:
        """Begin a file."""
        return CsvWriter(file, columns)

    def read(self, path: Path, columns: tuple[Column, ...]) -> Iterator[pa.RecordBatch]:
        """Read a file."""
        reader = pc_csv.open_csv(
            path,
            read_options=pc_csv.ReadOptions(block_size=READ_BYTES, use_threads=False),
            parse_options=pc_csv.ParseOptions(newlines_in_values=True),
            convert_options=pc_csv.ConvertOptions(
                column_types=pa.schema([(c.name, c.arrow_type) for c in columns]),
                include_columns=[c.name for c in columns],
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
            ),
        )
        with reader:
            yield from reader


def iso_times(array: pa.Array) -> pa.Array:
    """Times as text, such as 2026-03-02T08:00:00.001Z."""
    # Arrow casts with a blank in the middle. strftime() can be told otherwise, and is ten times slower.
    return pc.utf8_replace_slice(array.cast(pa.string()), 10, 11, "T")


def _text_schema(columns: tuple[Column, ...]) -> pa.Schema:
    return pa.schema([(c.name, pa.string() if c.kind is Kind.TIME else c.arrow_type) for c in columns])
