"""What a reader gives, beside what was kept: each value by what its column is."""

import math
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

import pandas as pd
import pyarrow as pa

from exports import load
from exports.columns.field import Field, Kind
from exports.documents.datapackage import columns_in
from tests.exports.hard import GUESSED

Columns = Mapping[str, list[Any]]
Known = Callable[[str], str | None]
TEXTUAL: Final = frozenset({Kind.ID, Kind.TEXT, Kind.JSON})


def as_it_was(text: str) -> str:
    """A text of a reader that keeps all of it."""
    return text


def empty_is_missing(text: str) -> str | None:
    """A text of a reader that takes an empty one for a missing one."""
    return text or None


def as_base_r(text: str) -> str | None:
    """A text as R itself reads it: the same, and all line ends are LF."""
    return text.replace("\r\n", "\n").replace("\r", "\n") or None


@cache
def kept(out: Path, table: str) -> Columns:
    """The columns of a table, as plain values: text, int, float, bool, milliseconds since 1970, None."""
    frame = load(out, tables=[table], format="parquet")[table]
    return {one.name: [_plain(one, value) for value in frame[one.name]] for one in columns_in(out)[table]}


def differences(
    out: Path,
    table: str,
    read: Columns,
    *,
    aside: Iterable[str] = (),
    known: Known = as_it_was,
) -> dict[str, list[Any]]:
    """Where a reader gives something else than was kept.

    Args:
        out: The export.
        table: Which of its tables.
        read: What the reader gave, a list a column.
        aside: Columns that are not looked at.
        known: What it gives in place of a text, as the page says beside it.

    Returns:
        Of each column that differs the first values, kept and read; a column that is not there is named too.
    """
    wanted, found = kept(out, table), {}
    for column in columns_in(out)[table]:
        if column.name in aside:
            continue
        ours = [known(one) if isinstance(one, str) else one for one in wanted[column.name]]
        theirs = [_plain(column, value) for value in read.get(column.name, [])]
        if ours != theirs:
            pairs = [(one, other) for one, other in zip(ours, theirs, strict=False) if one != other]
            found[column.name] = [len(ours), len(theirs), *(ascii(pair)[:120] for pair in pairs[:5])]
    return found


def columns_of(frame: Any) -> Columns:
    """The columns of a DataFrame of pandas or Polars, or of a relation of DuckDB."""
    if isinstance(frame, pd.DataFrame):
        return {name: frame[name].tolist() for name in frame.columns}
    table = frame.to_arrow() if hasattr(frame, "to_arrow") else frame.to_arrow_table()
    assert isinstance(table, pa.Table)
    return {name: table.column(name).to_pylist() for name in table.column_names}


def as_guessed() -> Columns:
    """What stands in guessed.csv (hard.py), by the name of its kind."""
    return {
        kind.value: [one if one is None or kind is not Kind.BOOLEAN else bool(one) for one in values]
        for kind, values in GUESSED.items()
    }


def plain(value: Any) -> Any:
    """A value of a reader's: a missing one is None, and a text stays a text."""
    missing = value is None or value is pd.NA or value is pd.NaT
    return None if missing or (isinstance(value, float) and math.isnan(value)) else value


def _plain(column: Field, value: Any) -> Any:
    """A value as `kept` gives it; what is of another kind than its column stays as it is, and so differs."""
    if plain(value) is None:
        return None
    if column.kind is Kind.TIME and isinstance(value, int | float):
        return round(value)  # milliseconds, from R
    if column.kind is Kind.TIME:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else pd.Timestamp(value)
        return round(moment.timestamp() * 1000) if moment.tzinfo else ("no zone", value)
    if column.kind in TEXTUAL:
        return value if isinstance(value, str) else ("no text", value)
    if column.kind is Kind.BOOLEAN:
        return bool(value) if type(value).__name__ in ("bool", "bool_") else ("no boolean", value)
    if isinstance(value, str | bool):
        return ("no number", value)
    return int(value) if column.kind is Kind.INTEGER and float(value).is_integer() else float(value)
