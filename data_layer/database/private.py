"""Files and folders that this account alone may read: made so, and made so again where they are not.

An earlier version, a restored backup or a copy leaves them open to every account of the machine.
"""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
# What we make in the data folder; whatever else somebody has put there is theirs.
_OURS: Final = ("cache", "exports", "files", "imports", "journal", "pending", "processes", "secret")
_BESIDE_SQLITE: Final = ("", "-wal", "-shm", "-journal")
# Windows has other rights.
_HAS_MODES: Final = os.name == "posix"


def opener(path: str, flags: int) -> int:
    """For `open(path, "wb", opener=opener)`: a new file has mode 0600, whatever the umask."""
    return os.open(path, flags, 0o600)


def make_file(path: Path) -> None:
    """Make an empty file of mode 0600, for a program that would make it with others' rights.

    Raises:
        OSError: It cannot be made.
    """
    path.touch(mode=0o600, exist_ok=True)


def close_ours(data_dir: Path, database: Path | None) -> tuple[int, list[str]]:
    """Take others' rights from all that we have made, and name what they may still open.

    Args:
        data_dir: The data folder.
        database: SQLite's file; None for PostgreSQL.

    Returns:
        How many files and folders were open, and a sentence with the repair for each that still is.
    """
    if not _HAS_MODES:
        return 0, []
    closed, sentences = 0, []
    for path in _ours(data_dir, database):
        try:
            closed += _close(path)
        except OSError as error:
            sentences.append(open_sentence(path, f"and this account cannot close it ({error.strerror})"))
    # The folder itself may be shared on purpose, or be somebody else's as a whole.
    if open_to_others(data_dir):
        sentences.append(open_sentence(data_dir, "which holds what participants said"))
    return closed, sentences


def open_to_others(path: Path) -> bool:
    """Whether other accounts of this machine have any right on it."""
    try:
        return _HAS_MODES and bool(path.stat().st_mode & _OTHERS)
    except OSError:
        return False


def _ours(data_dir: Path, database: Path | None) -> Iterator[Path]:
    for suffix in _BESIDE_SQLITE if database is not None else ():
        yield Path(f"{database}{suffix}")
    for name in _OURS:
        yield from _below(data_dir / name)


def _below(path: Path) -> Iterator[Path]:
    """A file, or a folder with all that is in it; the folder first, for it closes the rest."""
    yield path
    if path.is_dir():
        for folder, folders, files in os.walk(path):
            yield from (Path(folder, name) for name in (*folders, *files))


def _close(path: Path) -> bool:
    """Take others' rights from a file or folder; a link has none of its own."""
    try:
        mode = path.lstat().st_mode
        if stat.S_ISLNK(mode) or not mode & _OTHERS:
            return False
        path.chmod(stat.S_IMODE(mode) & ~_OTHERS)
    except FileNotFoundError:
        return False  # Gone since: a folder of another process that is at work.
    return True


def open_sentence(path: Path, why: str) -> str:
    """Say that others may open it, and how it is closed.

    Args:
        path: A file or a folder.
        why: That matters, as the sentence goes on.
    """
    try:
        mode = f"mode {stat.S_IMODE(path.stat().st_mode):o}"
    except OSError:
        mode = "mode unknown"
    return f"Other accounts of this machine may open {path} ({mode}), {why}. Close it: chmod go= {path}"
