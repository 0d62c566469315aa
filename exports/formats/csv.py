"""CSV as RFC 4180 has it, in UTF-8, nothing changed: line breaks and leading "=" included.

Text is always quoted and a missing value never is: so "" is an empty text and nothing is a missing one.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pc_csv

from exports.columns.field import Field, Kind
from exports.formats.base import Format, FormatWriter, HashingFile, check_names
from exports.rows.batches import batch_of
from exports.rows.digest import bytes_of_text
from exports.rows.iso import iso_times

# The longest row that can be read back: a prompt of eight million characters at least.
READ_BYTES: Final = 32_000_000


class CsvWriter(FormatWriter):
    """Writes each value as most readers know it without being told: TRUE, 110.0, 2026-03-02T08:00:00.001Z.

    pyarrow's own writer cannot be told otherwise than true and 110: base R takes these for text, and a reader
    that guesses from the first rows for whole numbers (docs/decisions).
    """

    def __init__(self, file: HashingFile, columns: tuple[Field, ...]) -> None:
        super().__init__(file, columns)
        file.write(_header(columns))

    def write(self, batch: pa.RecordBatch) -> None:
        """Append rows."""
        if batch.num_rows:
            self.file.write(_lines(batch, self.columns))

    def finish(self) -> None:
        """Nothing more."""


class Csv(Format):
    """Comma-separated values."""

    name = "csv"
    media_type = "text/csv"

    def writer(self, file: HashingFile, columns: tuple[Field, ...]) -> FormatWriter:
        """Begin a file."""
        return CsvWriter(file, columns)

    def read(
        self, path: Path, columns: tuple[Field, ...], *, whole: bool = False
    ) -> Iterator[pa.RecordBatch]:
        """Read a file."""
        reader = pc_csv.open_csv(
            path,
            read_options=pc_csv.ReadOptions(block_size=READ_BYTES, use_threads=False),
            parse_options=pc_csv.ParseOptions(newlines_in_values=True),
            convert_options=pc_csv.ConvertOptions(
                column_types=pa.schema([(c.name, c.arrow_type) for c in columns]),
                include_columns=[] if whole else [c.name for c in columns],
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
            ),
        )
        with reader:
            check_names(reader.schema.names, columns)
            yield from reader


def csv_document(kinds: Mapping[str, Kind], rows: Sequence[Sequence[Any]]) -> bytes:
    """A small file of CSV as an export's are, of what is no table of it.

    Args:
        kinds: What its columns are, in their order.
        rows: At least one; raw values, as batch_of takes them.
    """
    columns = tuple(Field(name, kind, "") for name, kind in kinds.items())
    batch = batch_of(list(zip(*rows, strict=True)), columns)
    return _header(columns) + bytes(_lines(batch, columns))


def _header(columns: tuple[Field, ...]) -> bytes:
    """The first line."""
    return (",".join(f'"{column.name}"' for column in columns) + "\n").encode()


def _lines(batch: pa.RecordBatch, columns: tuple[Field, ...]) -> memoryview:
    """Rows as lines.

    Args:
        batch: At least one row.
        columns: What its columns are.
    """
    parts: list[pa.Array | str] = []
    between = ""
    for column, array in zip(columns, batch.columns, strict=True):
        cells = _CELLS[column.kind](array)
        if column.kind in _UNQUOTED:
            parts += [between, cells]
            between = ","
        elif array.null_count:
            parts += [between, pc.binary_join_element_wise('"', cells, '"', "")]
            between = ","
        else:  # All are quoted: their quotes need no copy of them.
            parts += [f'{between}"', cells]
            between = '",'
    parts.append(between.replace(",", "\n"))
    return bytes_of_text(
        pc.binary_join_element_wise(*parts, "", null_handling="replace", null_replacement="")
    )


def _escaped(array: pa.Array) -> pa.Array:
    # Looking is quick, and few columns have any.
    return pc.replace_substring(array, '"', '""') if b'"' in bytes(bytes_of_text(array)) else array


def _boolean(array: pa.Array) -> pa.Array:
    return pc.if_else(array, "TRUE", "FALSE")


def _whole(array: pa.Array) -> pa.Array:
    return array.cast(pa.string())


def _number(array: pa.Array) -> pa.Array:
    written = array.cast(pa.string())
    # Neither a point nor a letter, as in 1e+21.
    whole = pc.invert(pc.match_substring_regex(written, "[.a-z]"))
    return pc.if_else(whole, pc.binary_join_element_wise(written, ".0", ""), written)


_CELLS: Final[Mapping[Kind, Callable[[pa.Array], pa.Array]]] = {
    Kind.ID: _escaped,
    Kind.TEXT: _escaped,
    Kind.JSON: _escaped,
    Kind.INTEGER: _whole,
    Kind.NUMBER: _number,
    Kind.BOOLEAN: _boolean,
    Kind.TIME: iso_times,
    Kind.VECTOR: _escaped,
}
_UNQUOTED: Final = frozenset({Kind.INTEGER, Kind.NUMBER, Kind.BOOLEAN})
