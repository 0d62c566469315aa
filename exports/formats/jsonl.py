"""JSON Lines: one object a row, for programs. Columns of JSON stay text, byte for byte."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from exports.columns.field import Field, Kind
from exports.formats.base import Format, FormatWriter, HashingFile, check_names
from exports.rows.batches import BATCH_BYTES, batch_of
from exports.rows.iso import iso_times

# Legal inside a JSON string, but line ends to some readers of lines.
_LINE_ENDS: Final = tuple((mark, f"\\u{ord(mark):04x}") for mark in "\x85\u2028\u2029")
# What JSON has for a kind, where that is no text.
_TYPES: Final = {Kind.BOOLEAN: (bool,), Kind.INTEGER: (int,), Kind.NUMBER: (int, float)}


class JsonlWriter(FormatWriter):
    """Writes a row as an object with all columns, missing values as null."""

    def __init__(self, file: HashingFile, columns: tuple[Field, ...]) -> None:
        super().__init__(file, columns)
        self._encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

    def write(self, batch: pa.RecordBatch) -> None:
        """Append rows."""
        names = [column.name for column in self.columns]
        values = [
            (iso_times(array) if column.kind is Kind.TIME else array).to_pylist()
            for column, array in zip(self.columns, batch.columns, strict=True)
        ]
        lines = [self._encode(dict(zip(names, row, strict=True))) for row in zip(*values, strict=True)]
        text = "".join(f"{line}\n" for line in lines)
        for mark, escaped in _LINE_ENDS:
            text = text.replace(mark, escaped)
        self.file.write(text.encode())

    def finish(self) -> None:
        """Nothing more."""


class Jsonl(Format):
    """JSON Lines."""

    name = "jsonl"
    media_type = "application/jsonl"

    def writer(self, file: HashingFile, columns: tuple[Field, ...]) -> FormatWriter:
        """Begin a file."""
        return JsonlWriter(file, columns)

    def read(
        self, path: Path, columns: tuple[Field, ...], *, whole: bool = False
    ) -> Iterator[pa.RecordBatch]:
        """Read a file."""
        rows: list[list[Any]] = []
        size = 0
        with path.open("rb") as lines:
            for line in lines:
                # A name may stand twice in an object, and readers differ in which of the two they take.
                pairs = json.loads(line, object_pairs_hook=tuple)
                if not isinstance(pairs, tuple):
                    raise TypeError("a line is no object")
                if whole:
                    check_names([name for name, _ in pairs], columns)
                row = dict(pairs)
                rows.append([_raw(column, row[column.name]) for column in columns])
                size += len(line)
                if size > BATCH_BYTES:
                    yield batch_of(list(zip(*rows, strict=True)), columns)
                    rows, size = [], 0
        if rows:
            yield batch_of(list(zip(*rows, strict=True)), columns)


def _raw(column: Field, value: Any) -> Any:
    """A value as a driver would give it.

    Raises:
        ValueError: It is of another kind: a program that reads the file would not see what we read.
    """
    if value is not None and type(value) not in _TYPES.get(column.kind, (str,)):
        raise ValueError(f"{column.name} has another kind of value")
    return int(value) if column.kind is Kind.BOOLEAN and value is not None else value
