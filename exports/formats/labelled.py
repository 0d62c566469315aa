"""Files of statistics programs with the codebook's words as labels, which pyreadstat writes.

Such a table is held until it is whole: its longest text says how wide a variable is.
"""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Final

import pyarrow as pa

from exports.columns.field import Field, Kind
from exports.formats.base import FormatWriter, HashingFile
from exports.formats.fitting import Cut, fitted
from exports.rows.batches import empty_batch
from study.errors import ExportError

NUMERIC: Final = frozenset({Kind.INTEGER, Kind.NUMBER, Kind.BOOLEAN, Kind.TIME})
_COPIED: Final = 1 << 20


class LabelledWriter(FormatWriter):
    """What the programs have in common."""

    # Of a text, in bytes of UTF-8.
    text_bytes: ClassVar[int]
    # What the program counts its times from, before 1970; in seconds.
    epoch_s: ClassVar[int]
    # How many of its units of time are a second.
    per_second: ClassVar[int]

    def __init__(self, file: HashingFile, columns: tuple[Field, ...]) -> None:
        super().__init__(file, columns)
        self._batches: list[pa.RecordBatch] = []

    def write(self, batch: pa.RecordBatch) -> None:
        """Append rows."""
        self._batches.append(batch)

    def finish(self) -> None:
        """Write all of it.

        Raises:
            ExportError: pyreadstat is not installed.
        """
        # Both cost more than a second to import, and most exports are not for these programs.
        import pandas as pd

        try:
            import pyreadstat
        except ImportError as error:
            raise ExportError(
                "--format sav and dta need the package pyreadstat, which is not installed. Write it like: "
                "pip install -r requirements.txt"
            ) from error
        batches = self._batches or [empty_batch(self.columns)]
        table = pa.Table.from_batches(batches)
        self._batches = []
        names = self.variable_names([one.name for one in self.columns])
        named = dict(zip(names, self.columns, strict=True))
        frame = pd.DataFrame(
            {
                name: pd.Series(
                    self._values(column, table.column(column.name)),
                    dtype="float64" if column.kind in NUMERIC else "object",
                )
                for name, column in named.items()
            }
        )
        path = self.file.path.with_name(f"{self.file.path.name}-written")
        try:
            self.save(pyreadstat, frame, path, named)
            with path.open("rb") as written:
                while chunk := written.read(_COPIED):
                    self.file.write(chunk)
        finally:
            path.unlink(missing_ok=True)

    @abstractmethod
    def save(self, pyreadstat: Any, frame: Any, path: Path, named: Mapping[str, Field]) -> None:
        """Write a frame.

        Args:
            pyreadstat: The library.
            frame: The table.
            path: Where to.
            named: The columns, by the names that they have there.
        """

    @abstractmethod
    def variable_names(self, names: Sequence[str]) -> list[str]:
        """Names as the program takes them, each once."""

    def _values(self, column: Field, array: pa.ChunkedArray) -> list[Any]:
        if column.kind is Kind.TIME:
            moments = array.cast(pa.int64()).to_pylist()
            return [None if one is None else self._moment(one) for one in moments]
        if column.kind in NUMERIC:
            return [None if one is None else float(one) for one in array.to_pylist()]
        return [self._text(column.name, row, text) for row, text in enumerate(array.to_pylist(), 1)]

    def _moment(self, milliseconds: int) -> float:
        return milliseconds * self.per_second / 1000 + self.epoch_s * self.per_second

    def _text(self, column: str, row: int, text: str | None) -> str:
        # SPSS fills each text with blanks: it has none at the end, and no empty text beside a missing one.
        shown = self.bare(text or "")
        kept = len(shown)
        if size_in_bytes(shown) > self.text_bytes:
            shown, kept = fitted(shown, self.text_bytes, size_in_bytes)
        if kept < len(text or ""):
            self.cut.append(Cut(column, row, len(text or ""), kept))
        return shown

    def bare(self, text: str) -> str:
        """A text without what the program cannot keep."""
        return text


def value_labels(column: Field, most: int) -> dict[float, str]:
    """What the program shows in the place of a number.

    Args:
        column: Which.
        most: Of a label, in bytes.
    """
    if column.kind not in NUMERIC:
        return {}
    labels = {float(value): fitting(label, most) for value, label in column.labels}
    return labels or ({0.0: "FALSE", 1.0: "TRUE"} if column.kind is Kind.BOOLEAN else {})


def size_in_bytes(text: str) -> int:
    """Of UTF-8."""
    return len(text.encode())


def fitting(text: str, most: int) -> str:
    """A label, cut where it is too long."""
    return text if size_in_bytes(text) <= most else fitted(text, most, size_in_bytes)[0]
