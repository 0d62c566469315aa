"""One process serves a SQLite database: its file has one writer, and nothing is gained by a second."""

import os
from pathlib import Path
from typing import Final

from data_layer.database.private import opener
from study.errors import StartError

try:
    import fcntl
except ImportError:  # Not on Windows, which has no such locks.
    fcntl = None  # type: ignore[assignment]

NAME: Final = "serving.lock"
# What this process holds, until it ends: `chainlit run -w` builds the app again in the same one.
_held: Final[dict[Path, int]] = {}


def serve_alone(folder: Path) -> None:
    """Be the one process that serves the SQLite database in a folder, until this process ends.

    Commands open it beside that process, and are not asked.

    Args:
        folder: Of the database's file; it exists.

    Raises:
        StartError: Another process serves it.
    """
    path = (folder / NAME).resolve()
    if fcntl is None or path in _held:
        return
    file = opener(str(path), os.O_CREAT | os.O_RDWR)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        who = os.read(file, 20).decode("ascii", "replace").strip() or "that begins"
        os.close(file)
        raise StartError(
            f"Another Verbatim serves the database in {folder} already (process {who}). "
            "Stop it first; or give this one a database of its own (VERBATIM_DATA_DIR=another-folder); or "
            "let both write to PostgreSQL, which several may share: docs/how-to/use-postgresql.md"
        ) from None
    except OSError:
        os.close(file)  # A file system without such locks: nobody can be seen there.
        return
    os.ftruncate(file, 0)
    os.write(file, str(os.getpid()).encode())
    _held[path] = file
