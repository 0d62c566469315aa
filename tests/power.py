"""A disk that forgets, at a power cut, what nobody has asked it to write.

It listens at the operating system's door: what `os.fsync` was called for is on the disk, nothing else is.
An fsync of a file writes its bytes, one of a folder the names that stand in it then.
"""

import os
from pathlib import Path
from typing import Final

import pytest

_fsync: Final = os.fsync


class Disk:
    """Remembers what would be there after a power cut, below one folder.

    Args:
        folder: The folder, on a Linux machine: /proc says which file a descriptor is open on.
        monkeypatch: Puts it between the app and the operating system.
    """

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._folder = folder
        self._bytes: dict[int, bytes] = {}  # by inode
        self._names: dict[int, dict[str, int]] = {}  # of each folder's inode, the inode behind each name
        monkeypatch.setattr(os, "fsync", self._write)

    def after_power_cut(self, copy: Path) -> Path:
        """What the disk holds now.

        Args:
            copy: A new folder, to which it goes.

        Returns:
            The new folder.
        """
        self._restore(self._folder.stat().st_ino, copy)
        return copy

    def _write(self, descriptor: int) -> None:
        _fsync(descriptor)
        path, inode = Path(f"/proc/self/fd/{descriptor}").resolve(), os.fstat(descriptor).st_ino
        if path.is_dir():
            self._names[inode] = {entry.name: entry.inode() for entry in os.scandir(path)}
        else:
            self._bytes[inode] = path.read_bytes()

    def _restore(self, inode: int, copy: Path) -> None:
        copy.mkdir()
        for name, behind in self._names.get(inode, {}).items():
            if behind in self._names:
                self._restore(behind, copy / name)
            elif behind in self._bytes:
                (copy / name).write_bytes(self._bytes[behind])
            # Else: a folder whose names were never written, or a file whose bytes never were.
