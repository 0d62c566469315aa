"""Stata: a file a table, with the codebook's words as labels. Read by Stata 14 and newer."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from exports.columns.field import Field, Kind
from exports.formats.base import Format, FormatWriter, HashingFile
from exports.formats.fitting import fitted
from exports.formats.labelled import LabelledWriter, value_labels

# Of a text, in bytes of UTF-8; of a variable's label and name, in characters; of a value's label, in bytes.
# help limits and help dta, in Stata.
TEXT_BYTES: Final = 2_045
LABEL_CHARACTERS: Final = 80
NAME_CHARACTERS: Final = 32
VALUE_LABEL_BYTES: Final = 1_000
_SHOWN: Final = {Kind.TIME: "%tc", Kind.BOOLEAN: "%8.0f", Kind.INTEGER: "%18.0f"}
# Words that no variable can be called: help reswords.
# fmt: off
_RESERVED: Final = frozenset(
    {
        "aggregate", "array", "boolean", "break", "byte", "case", "catch", "class", "colvector", "complex",
        "const", "continue", "default", "delegate", "delete", "do", "double", "else", "eltypedef", "end",
        "enum", "explicit", "export", "external", "float", "for", "friend", "function", "global", "goto",
        "if", "inline", "int", "local", "long", "mata", "matrix", "namespace", "new", "null", "numeric",
        "nullmat", "operator", "orgtypedef", "pointer", "polymorphic", "pragma", "private", "protected",
        "public", "quad", "real", "return", "rowvector", "scalar", "short", "signed", "static", "strl",
        "string", "struct", "super", "switch", "template", "this", "throw", "transmorphic", "try",
        "typedef", "typename", "union", "unsigned", "using", "vector", "version", "virtual", "void",
        "volatile", "while", "with", "in",
    }
)
# fmt: on


class DtaWriter(LabelledWriter):
    """Writes a table for Stata."""

    text_bytes = TEXT_BYTES
    epoch_s = 315_619_200
    per_second = 1000

    def save(self, pyreadstat: Any, frame: Any, path: Path, named: Mapping[str, Field]) -> None:
        """Write a frame."""
        called = {
            # Stata labels whole numbers alone.
            name: {
                value: words
                for value, words in value_labels(column, VALUE_LABEL_BYTES).items()
                if value == int(value)
            }
            for name, column in named.items()
        }
        pyreadstat.write_dta(
            frame,
            str(path),
            column_labels={name: _label(column.description) for name, column in named.items()},
            variable_value_labels={name: labels for name, labels in called.items() if labels},
            variable_format={n: _SHOWN[c.kind] for n, c in named.items() if c.kind in _SHOWN},
            version=15,
        )

    def variable_names(self, names: Sequence[str]) -> list[str]:
        """Letters, digits and underscores, 32 at most: before.support is before_support."""
        return variable_names(names)


class Dta(Format):
    """Stata."""

    name = "dta"
    media_type = "application/x-stata-dta"

    def writer(self, file: HashingFile, columns: tuple[Field, ...]) -> FormatWriter:
        """Begin a file."""
        return DtaWriter(file, columns)

    def read(
        self, path: Path, columns: tuple[Field, ...], *, whole: bool = False
    ) -> Iterator[pa.RecordBatch]:
        """It is not read again: rows are proved from the file beside it that keeps all."""
        raise ValueError(f"{path.name} is for Stata; its rows are read from the CSV or Parquet beside it")


def variable_names(names: Sequence[str]) -> list[str]:
    """Names as Stata takes them; what is too long, reserved or there already bears its place."""
    taken, found = set[str](), list[str]()
    for place, name in enumerate(names, 1):
        plain = re.sub(r"[^A-Za-z0-9_]", "_", name)
        plain = plain if re.match("[A-Za-z_]", plain) else f"_{plain}"
        if (
            len(plain) > NAME_CHARACTERS
            or plain in taken
            or plain in _RESERVED
            or re.fullmatch(r"str\d+", plain)
        ):
            plain = f"{plain[: NAME_CHARACTERS - 6]}_{place}"
        taken.add(plain)
        found.append(plain)
    return found


def _label(text: str) -> str:
    return text if len(text) <= LABEL_CHARACTERS else fitted(text, LABEL_CHARACTERS, len)[0]
