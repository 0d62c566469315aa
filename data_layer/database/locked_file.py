"""A file that several processes write to, one at a time."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Literal

from data_layer.database.private import opener

try:
    import fcntl
except ImportError:  # Not on Windows; there one process serves a data folder.
    fcntl = None  # type: ignore[assignment]


@contextlib.contextmanager
def locked(path: Path, mode: Literal["ab", "rb"]) -> Iterator[BinaryIO]:
    """Open a file, alone until the end of the block.

    Whoever waits for the lock may then hold a file that another has replaced or removed meanwhile: what it
    wrote there would be lost with it. It opens the one that has the name now.

    Args:
        path: The file.
        mode: "ab" makes one where there is none. Neither has a buffer: one that could not be emptied would be
            tried again when the file is closed.

    Raises:
        OSError: It cannot be opened; or there is none, and it is only read.
    """
    while True:
        file = open(path, mode, buffering=0, opener=opener)  # noqa: SIM115  it is closed below, or tried again
        with file:
            _wait_for(file.fileno())
            if _has_the_name(file.fileno(), path):
                yield file
                return


def _wait_for(descriptor: int) -> None:
    # A file system without locks of files: one process serves a folder there, and has a lock of its own.
    with contextlib.suppress(OSError, AttributeError):
        fcntl.flock(descriptor, fcntl.LOCK_EX)


def _has_the_name(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False
