"""Two lines for a notebook that load one export, by the loaders that lie in it (exports/loaders)."""

from collections.abc import Sequence


def pandas_snippet(folder: str, tables: Sequence[str]) -> str:
    """Lines of Python.

    Args:
        folder: Of the zip.
        tables: In the export.
    """
    return (
        f'import runpy\n\ntables = runpy.run_path("{folder}/load.py")["tables"]\n'
        f'{_first(tables)} = tables["{_first(tables)}"]\n'
    )


def r_snippet(folder: str, tables: Sequence[str]) -> str:
    """Lines of R; as of pandas_snippet."""
    return f'source("{folder}/load.R")  # one data frame a table\nhead({_first(tables)})\n'


def _first(tables: Sequence[str]) -> str:
    return "messages" if "messages" in tables else tables[0]
