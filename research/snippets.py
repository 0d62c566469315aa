"""A few lines for a notebook that load one export: it and no other, from where its zip was unpacked."""

from collections.abc import Sequence
from typing import Final

# The best for the purpose first: Parquet keeps every type.
_PREFERRED: Final = ("parquet", "csv", "jsonl")

_PANDAS: Final = {
    "parquet": 'pandas.read_parquet(folder / f"{name}.parquet", dtype_backend="numpy_nullable")',
    "csv": 'pandas.read_csv(folder / f"{name}.csv", keep_default_na=False, na_values=[""])',
    "jsonl": 'pandas.read_json(folder / f"{name}.jsonl", lines=True, dtype=False)',
}
_R_LIBRARY: Final = {"parquet": "arrow", "csv": "readr", "jsonl": "jsonlite"}
_R: Final = {
    "parquet": 'read_parquet(file.path(folder, paste0(name, ".parquet")))',
    "csv": 'read_csv(file.path(folder, paste0(name, ".csv")), na = "", show_col_types = FALSE)',
    "jsonl": 'stream_in(file(file.path(folder, paste0(name, ".jsonl"))), verbose = FALSE)',
}


def pandas_snippet(folder: str, tables: Sequence[str], formats: Sequence[str]) -> str:
    """Lines of Python.

    Args:
        folder: Of the zip.
        tables: In the export.
        formats: Likewise.
    """
    how = _PANDAS[_best(formats)]
    return (
        f"from pathlib import Path\n\nimport pandas\n\n"
        f'folder = Path("{folder}")  # where the zip was unpacked\n'
        f"names = {_names(tables, '[', ']', 4)}\n"
        f"tables = {{\n    name: {how}\n    for name in names\n}}\n"
        f'{_first(tables)} = tables["{_first(tables)}"]\n'
    )


def r_snippet(folder: str, tables: Sequence[str], formats: Sequence[str]) -> str:
    """Lines of R; as of pandas_snippet."""
    best = _best(formats)
    return (
        f'library({_R_LIBRARY[best]})\n\nfolder <- "{folder}"  # where the zip was unpacked\n'
        f"names <- {_names(tables, 'c(', ')', 2)}\n"
        f"tables <- sapply(names, simplify = FALSE, function(name) {{\n  {_R[best]}\n}})\n"
        f"{_first(tables)} <- tables${_first(tables)}\n"
    )


def _best(formats: Sequence[str]) -> str:
    return next(name for name in _PREFERRED if name in formats)


def _first(tables: Sequence[str]) -> str:
    return "messages" if "messages" in tables else tables[0]


def _names(tables: Sequence[str], begin: str, end: str, indent: int) -> str:
    """A list of names, four a line when they are many."""
    lines = [", ".join(f'"{name}"' for name in tables[n : n + 4]) for n in range(0, len(tables), 4)]
    if len(lines) == 1:
        return f"{begin}{lines[0]}{end}"
    margin = " " * indent
    return f"{begin}\n{margin}" + f",\n{margin}".join(lines) + f"\n{end}"
