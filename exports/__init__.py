"""What leaves: a study as a folder of tables, with a codebook, a manifest, and the proof that it is whole.

from exports import load

messages = load("my-export")["messages"]

`make` writes an export, `verify/` proves it, `reading` reads it again. A table is a file of `tables/`,
listed in `registry`. `columns/` is what tables are made of, `rows/` how their rows leave the database,
`formats/` how they are written, `documents/` what lies beside them.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


def load(
    folder: str | Path, *, tables: Iterable[str] | None = None, format: str | None = None
) -> "dict[str, pd.DataFrame]":
    """Read an export into pandas: exports.reading.load, whose docstring says how.

    Args:
        folder: The export.
        tables: Which tables; all when None.
        format: Which files to read, where there are several.
    """
    # Whoever writes an export does not need pandas, and its import costs more than a second.
    from exports.reading import load as read

    return read(folder, tables=tables, format=format)
