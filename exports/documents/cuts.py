"""What the files for office programs do not hold, written beside them."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from exports.columns.field import Kind
from exports.formats.csv import csv_document
from exports.formats.fitting import Cut

CUTS_NAME: Final = "cut.csv"
_COLUMNS: Final = {
    "file": Kind.TEXT,
    "row": Kind.INTEGER,
    "column": Kind.TEXT,
    "characters": Kind.INTEGER,
    "kept": Kind.INTEGER,
}


class Cuts:
    """Gathers them while an export is made."""

    def __init__(self) -> None:
        self._rows: list[tuple[str, int, str, int, int]] = []

    def __bool__(self) -> bool:
        return bool(self._rows)

    def add(self, table: str, format_name: str, cut: Sequence[Cut]) -> None:
        """Those of one file."""
        file = f"{table}.{format_name}"
        self._rows += [(file, one.row, one.column, one.characters, one.kept) for one in cut]

    def csv(self) -> bytes:
        """Each of them, for programs: the row counts from 1 below the header, as in the CSV beside it."""
        return csv_document(_COLUMNS, self._rows)

    def markdown(self) -> str:
        """How many there are in which column, for the codebook; nothing when there are none."""
        if not self._rows:
            return ""
        counted = Counter((file, column) for file, _, column, _, _ in self._rows)
        lines = [f"| `{file}` | `{column}` | {number:,} |" for (file, column), number in counted.items()]
        return "\n".join(
            [
                "\n## What Excel and SPSS cannot hold\n",
                "These texts are not whole in these files: longer than a cell of Excel (32,767) or a "
                "text of SPSS (32,767 bytes), where they end in […], or with blanks at their end, which "
                "SPSS does not keep. They are whole in the CSV, Parquet or JSON lines beside them; "
                f"`{CUTS_NAME}` names each.\n",
                "| file | column | texts |",
                "|---|---|---|",
                *lines,
                "",
            ]
        )
