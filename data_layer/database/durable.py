"""Files that survive a power cut.

A file's bytes are on the disk after an fsync of the file; that it has a name, after one of the folder
that the name stands in (fsync(2): "does not necessarily ensure that the entry in the directory
containing the file has also reached disk").
"""

import os
from contextlib import suppress
from pathlib import Path

from data_layer.database.private import opener


def sync_file(path: Path) -> None:
    """Make sure that what was written to a file is on the disk.

    Raises:
        OSError: The file cannot be read, or the disk refuses.
    """
    with path.open("rb") as file:
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Make sure that the names in a folder are on the disk.

    Raises:
        OSError: The folder cannot be read, or the disk refuses.
    """
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(folder: Path) -> None:
    """Make a folder that this account alone may open, and what lacks above it; nothing where it is there.

    Raises:
        OSError: It cannot be made.
    """
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)
    sync_folder(folder.parent)


def write_whole(target: Path, content: bytes) -> None:
    """Write a file for this account alone, in place of what had its name; half of one never has it.

    Args:
        target: Its name; its folder exists.
        content: All of it.

    Raises:
        OSError: The disk is full, or the folder cannot be written to.
    """
    part = target.with_suffix(".part")
    try:
        with open(part, "wb", opener=opener) as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        put_in_place(part, target)
    except OSError:
        # Nobody would know of it: what a participant gave would outlast their withdrawal.
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise


def put_in_place(part: Path, target: Path) -> None:
    """Give a file that is on the disk its name, in place of what had it before.

    Args:
        part: The file, in its target's folder or another of the same disk.
        target: Where it shall be.

    Raises:
        OSError: The folder cannot be written to.
    """
    part.replace(target)
    sync_folder(target.parent)
    if part.parent != target.parent:
        sync_folder(part.parent)
