"""A file that a process holds locked for as long as it lives: the system lets go of it, whatever ends it.

The lock is of the open file (`flock`), not of the process as `lockf`'s is: children that run another program
do not have it, and two records in one process do not share it.
"""

import contextlib
import os
from pathlib import Path

from data_layer.database.durable import make_folder
from data_layer.database.private import opener

try:
    import fcntl
except ImportError:  # Not on Windows; there nobody's sign of life can be seen.
    fcntl = None  # type: ignore[assignment]

_SUFFIX = ".lock"


class ProcessLock:
    """The lock of one process.

    Args:
        folder: Where those of all processes are that can see each other's.
        process_id: Whose.
    """

    def __init__(self, folder: Path, process_id: str) -> None:
        self._path = _path(folder, process_id)
        self._file: int | None = None

    def hold(self) -> None:
        """Take it, until `let_go` or the end of the process.

        Raises:
            OSError: The folder cannot be written to, or its file system has no such locks.
        """
        if fcntl is None:
            raise OSError("this system has no locks of files")
        make_folder(self._path.parent)
        # Under its name it is never seen unlocked: somebody would take its process for gone.
        made = self._path.with_suffix(".new")
        file = opener(str(made), os.O_CREAT | os.O_RDWR)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            made.replace(self._path)
        except OSError:
            os.close(file)
            raise
        self._file = file

    def let_go(self) -> None:
        """Be held no longer. The file stays: it says that the process was here, and is gone."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


def is_held(folder: Path, process_id: str) -> bool | None:
    """Whether a process holds its lock; None where it has none in this folder."""
    try:
        file = os.open(_path(folder, process_id), os.O_RDWR)
    except OSError:
        return None
    try:
        return not _is_free(file)
    finally:
        os.close(file)


def sweep(folder: Path) -> None:
    """Remove the files of processes that are gone."""
    for path in folder.glob(f"*{_SUFFIX}"):
        if is_held(folder, path.stem) is False:
            with contextlib.suppress(OSError):
                path.unlink()


def _is_free(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _path(folder: Path, process_id: str) -> Path:
    return folder / f"{process_id}{_SUFFIX}"
