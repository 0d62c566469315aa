"""SPSS: a file a table, with the codebook's words as labels."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from exports.columns.field import Field, Kind
from exports.formats.base import Format, FormatWriter, HashingFile
from exports.formats.fitting import Cut, fitted
from exports.rows.batches import empty_batch

# Of a text, in bytes of UTF-8; of a label of a variable and of a value; of a name, where all of it is ASCII.
TEXT_BYTES: Final = 32_767
LABEL_BYTES: Final = 255
VALUE_LABEL_BYTES: Final = 120
NAME_BYTES: Final = 64
# SPSS counts seconds from here.
_EPOCH_S: Final = 12_219_379_200
_NUMERIC: Final = frozenset({Kind.INTEGER, Kind.NUMBER, Kind.BOOLEAN, Kind.TIME})
_SHOWN: Final = {
    Kind.TIME: "DATETIME23.3",
    Kind.BOOLEAN: "F1.0",
    Kind.INTEGER: "F17.0",
    Kind.NUMBER: "F17.4",
}
_COPIED: Final = 1 << 20


class SavWriter(FormatWriter):
    """Holds a table until it is whole: its longest text says how wide a variable is."""

    def __init__(self, file: HashingFile, columns: tuple[Field, ...]) -> None:
        super().__init__(file, columns)
        self._batches: list[pa.RecordBatch] = []

    def write(self, batch: pa.RecordBatch) -> None:
        """Append rows."""
        self._batches.append(batch)

    def finish(self) -> None:
        """Write all of it."""
        # Both cost more than a second to import, and most exports are not for SPSS.
        import pandas as pd
        import pyreadstat

        batches = self._batches or [empty_batch(self.columns)]
        table = pa.Table.from_batches(batches)
        self._batches = []
        named = dict(zip(variable_names([one.name for one in self.columns]), self.columns, strict=True))
        called = {name: _value_labels(column) for name, column in named.items()}
        frame = pd.DataFrame(
            {
                name: pd.Series(
                    self._values(column, table.column(column.name)),
                    dtype="float64" if _is_number(column) else "object",
                )
                for name, column in named.items()
            }
        )
        path = self.file.path.with_suffix(".sav-written")
        try:
            pyreadstat.write_sav(
                frame,
                str(path),
                column_labels={name: _label(column.description) for name, column in named.items()},
                variable_value_labels={name: labels for name, labels in called.items() if labels},
                variable_format={n: _SHOWN[c.kind] for n, c in named.items() if c.kind in _SHOWN},
                row_compress=True,
            )
            with path.open("rb") as written:
                while chunk := written.read(_COPIED):
                    self.file.write(chunk)
        finally:
            path.unlink(missing_ok=True)

    def _values(self, column: Field, array: pa.ChunkedArray) -> list[Any]:
        if column.kind is Kind.TIME:
            moments = array.cast(pa.int64()).to_pylist()
            return [None if one is None else one / 1000 + _EPOCH_S for one in moments]
        if column.kind in _NUMERIC:
            return [None if one is None else float(one) for one in array.to_pylist()]
        return [self._text(column.name, row, text) for row, text in enumerate(array.to_pylist(), 1)]

    def _text(self, column: str, row: int, text: str | None) -> str:
        # SPSS fills each text with blanks: it has none at the end, and no empty text beside a missing one.
        shown = (text or "").rstrip(" ")
        kept = len(shown)
        if _size(shown) > TEXT_BYTES:
            shown, kept = fitted(shown, TEXT_BYTES, _size)
        if kept < len(text or ""):
            self.cut.append(Cut(column, row, len(text or ""), kept))
        return shown


class Sav(Format):
    """SPSS."""

    name = "sav"
    media_type = "application/x-spss-sav"

    def writer(self, file: HashingFile, columns: tuple[Field, ...]) -> FormatWriter:
        """Begin a file."""
        return SavWriter(file, columns)

    def read(
        self, path: Path, columns: tuple[Field, ...], *, whole: bool = False
    ) -> Iterator[pa.RecordBatch]:
        """It is not read again: rows are proved from the file beside it that keeps all."""
        raise ValueError(f"{path.name} is for SPSS; its rows are read from the CSV or Parquet beside it")


def variable_names(names: Sequence[str]) -> list[str]:
    """Names as SPSS takes them: of 64 bytes at most; what is longer is cut and bears its place."""
    return [
        name if len(name) <= NAME_BYTES else f"{name[: NAME_BYTES - 6]}_{place}"
        for place, name in enumerate(names, 1)
    ]


def _value_labels(column: Field) -> dict[float, str]:
    """What SPSS shows in the place of a number."""
    if column.kind not in _NUMERIC:
        return {}
    labels = {float(value): _fitting(label, VALUE_LABEL_BYTES) for value, label in column.labels}
    return labels or ({0.0: "FALSE", 1.0: "TRUE"} if column.kind is Kind.BOOLEAN else {})


def _is_number(column: Field) -> bool:
    return column.kind in _NUMERIC


def _size(text: str) -> int:
    return len(text.encode())


def _label(text: str) -> str:
    return _fitting(text, LABEL_BYTES)


def _fitting(text: str, most: int) -> str:
    return text if _size(text) <= most else fitted(text, most, _size)[0]
