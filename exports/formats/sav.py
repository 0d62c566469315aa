"""SPSS: a file a table, with the codebook's words as labels."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from exports.columns.field import Field, Kind
from exports.formats.base import Format, FormatWriter, HashingFile
from exports.formats.labelled import LabelledWriter, fitting, value_labels

# Of a text, in bytes of UTF-8; of a label of a variable and of a value; of a name, where all of it is ASCII.
TEXT_BYTES: Final = 32_767
LABEL_BYTES: Final = 255
VALUE_LABEL_BYTES: Final = 120
NAME_BYTES: Final = 64
_SHOWN: Final = {
    Kind.TIME: "DATETIME23.3",
    Kind.BOOLEAN: "F1.0",
    Kind.INTEGER: "F17.0",
    Kind.NUMBER: "F17.4",
}


class SavWriter(LabelledWriter):
    """Writes a table for SPSS."""

    text_bytes = TEXT_BYTES
    epoch_s = 12_219_379_200
    per_second = 1

    def save(self, pyreadstat: Any, frame: Any, path: Path, named: Mapping[str, Field]) -> None:
        """Write a frame."""
        called = {name: value_labels(column, VALUE_LABEL_BYTES) for name, column in named.items()}
        pyreadstat.write_sav(
            frame,
            str(path),
            column_labels={name: fitting(column.description, LABEL_BYTES) for name, column in named.items()},
            variable_value_labels={name: labels for name, labels in called.items() if labels},
            variable_format={n: _SHOWN[c.kind] for n, c in named.items() if c.kind in _SHOWN},
            row_compress=True,
        )

    def variable_names(self, names: Sequence[str]) -> list[str]:
        """Names of 64 bytes at most; what is longer is cut and bears its place."""
        return variable_names(names)

    def bare(self, text: str) -> str:
        """A text without blanks at its end, which SPSS has none of."""
        return text.rstrip(" ")


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
