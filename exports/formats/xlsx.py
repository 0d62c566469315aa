"""Excel workbooks: a file a table, a row a row, each text a text even where it begins with "="."""

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from exports.columns.field import Field, Kind
from exports.formats.base import Format, FormatWriter, HashingFile
from exports.formats.fitting import Cut, fitted

# Of a worksheet, one of them is the header; of a cell, in halves of UTF-16.
MOST_ROWS: Final = 1_048_575
CELL: Final = 32_767
# Whole numbers beyond it are no longer exact in Excel.
_EXACT: Final = 2**53
# XML cannot hold these, and a reader of XML makes LF of CR; Excel's own way to write them is _x000D_.
# In digits of the usual font. Of its own accord Excel shows eight, and of a time "########".
_WIDTHS: Final = {Kind.TIME: 24, Kind.TEXT: 48, Kind.JSON: 24, Kind.ID: 14}
_WIDTH_OF_FEW: Final = 16
_ESCAPED: Final = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")


class XlsxWriter(FormatWriter):
    """Streams rows into one worksheet."""

    def __init__(self, file: HashingFile, columns: tuple[Field, ...]) -> None:
        super().__init__(file, columns)
        # A quarter of a second to import, and most exports are not for Excel.
        from openpyxl import Workbook
        from openpyxl.cell import WriteOnlyCell
        from openpyxl.styles import Font
        from openpyxl.utils import get_column_letter

        self._book = Workbook(write_only=True)
        self._sheet = self._book.create_sheet("rows")
        self._sheet.freeze_panes = "A2"
        for number, column in enumerate(columns, 1):
            self._sheet.column_dimensions[get_column_letter(number)].width = _width(column)
        self._new = partial(WriteOnlyCell, self._sheet)
        self._rows, self._last = 0, get_column_letter(len(columns))
        header = [self._new(column.name) for column in columns]
        for cell in header:
            cell.font = Font(bold=True)
        self._sheet.append(header)

    def write(self, batch: pa.RecordBatch) -> None:
        """Append rows."""
        for row in zip(*(array.to_pylist() for array in batch.columns), strict=True):
            self._rows += 1
            self._sheet.append([self._cell(*pair) for pair in zip(self.columns, row, strict=True)])

    def finish(self) -> None:
        """Write the workbook around the sheet; its header sorts and filters."""
        self._sheet.auto_filter.ref = f"A1:{self._last}{self._rows + 1}"
        self._book.save(self.file)

    def _cell(self, column: Field, value: Any) -> Any:
        if value is None or column.kind in (Kind.BOOLEAN, Kind.NUMBER):
            return value
        if column.kind is Kind.TIME:
            cell = self._new(value.replace(tzinfo=None))
            cell.number_format = "yyyy-mm-dd hh:mm:ss.000"
            return cell
        if column.kind is Kind.INTEGER and abs(value) <= _EXACT:
            cell = self._new(value)
            cell.number_format = "0"
            return cell
        return self._text(column.name, str(value))

    def _text(self, column: str, text: str) -> Any:
        if _size(text) > CELL:
            whole = len(text)
            text, kept = fitted(text, CELL, _size)
            self.cut.append(Cut(column, self._rows, whole, kept))
        cell = self._new(_escaped(text))
        # openpyxl takes =1+1 for a formula and #N/A for an error.
        cell.data_type = "s"
        return cell


class Xlsx(Format):
    """Excel."""

    name = "xlsx"
    media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    most_rows = MOST_ROWS

    def writer(self, file: HashingFile, columns: tuple[Field, ...]) -> FormatWriter:
        """Begin a file."""
        return XlsxWriter(file, columns)

    def read(
        self, path: Path, columns: tuple[Field, ...], *, whole: bool = False
    ) -> Iterator[pa.RecordBatch]:
        """It is not read again: rows are proved from the file beside it that keeps all."""
        raise ValueError(f"{path.name} is for Excel; its rows are read from the CSV or Parquet beside it")


def _width(column: Field) -> int:
    """Room for its values, and for its name beside the button that filters."""
    few = column.kind is Kind.TEXT and (column.repeats or column.levels)
    return max(len(column.name) + 4, _WIDTH_OF_FEW if few else _WIDTHS.get(column.kind, 0))


def _escaped(text: str) -> str:
    return _ESCAPED.sub(lambda found: f"_x{ord(found[0]):04X}_", text)


def _size(text: str) -> int:
    return len(_escaped(text).encode("utf-16-le")) // 2
