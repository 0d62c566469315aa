"""The clock and the disk of real servers, held by a library of some lines that gcc compiles."""

import mmap
import shutil
import struct
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Final

SOURCE: Final = Path(__file__).with_name("preload.c")
# Ahead by, in seconds; and whether nothing gets onto the disk.
_LAYOUT: Final = struct.Struct("=qq")


class Held:
    """What a test holds of servers that are started with `environment`.

    Args:
        folder: An empty one, for the library and what both read.
    """

    def __init__(self, folder: Path) -> None:
        library, self._path = folder / "preload.so", folder / "held"
        command = ["gcc", "-shared", "-fPIC", "-O1", "-o", str(library), str(SOURCE), "-ldl"]
        subprocess.run(command, check=True, capture_output=True)
        self._path.write_bytes(_LAYOUT.pack(0, 0))
        self.environment: Mapping[str, str] = {
            "LD_PRELOAD": str(library),
            "HELD_BY_TEST": str(self._path),
        }
        self._ahead_s = 0
        self._refuses = False
        with self._path.open("r+b") as file:
            self._shared = mmap.mmap(file.fileno(), _LAYOUT.size)

    def step_clock(self, ahead_s: int) -> None:
        """Let the wall clock be ahead, or behind; other clocks go on as they do."""
        self._ahead_s = ahead_s
        self._tell()

    def refuse_disk(self, refuses: bool) -> None:
        """Let every fsync fail, or none."""
        self._refuses = refuses
        self._tell()

    def _tell(self) -> None:
        self._shared[:] = _LAYOUT.pack(self._ahead_s, int(self._refuses))

    def close(self) -> None:
        """Let go of the file."""
        self._shared.close()


def can_hold() -> bool:
    """Whether there is a compiler here."""
    return shutil.which("gcc") is not None
