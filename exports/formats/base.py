"""What a format is."""

import hashlib
import io
import os
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from exports.column import Column


class HashingFile(io.RawIOBase):
    """A file that knows its size and SHA-256 when it is closed, and is on the disk by then.

    Args:
        path: A new file.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.size = 0
        self._file = path.open("xb")
        self._hash = hashlib.sha256()

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, data: Any) -> int:
        """Append."""
        view = memoryview(data)
        self._hash.update(view)
        self._file.write(view)
        self.size += view.nbytes
        return view.nbytes

    def tell(self) -> int:
        """How much has been written."""
        return self.size

    def close(self) -> None:
        """Write all of it to the disk."""
        if not self.closed:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
        super().close()

    @property
    def sha256(self) -> str:
        """Of all that was written."""
        return self._hash.hexdigest()


class Writer(ABC):
    """Writes the batches of one table to one file.

    Args:
        file: Where to.
        columns: The table's.
    """

    def __init__(self, file: HashingFile, columns: tuple[Column, ...]) -> None:
        self.file = file
        self.columns = columns

    @abstractmethod
    def write(self, batch: pa.RecordBatch) -> None:
        """Append rows."""

    @abstractmethod
    def finish(self) -> None:
        """Write what is still to be written; the file is closed afterwards, by whoever opened it."""

    def abandon(self) -> None:  # noqa: B027 (most have nothing to let go of)
        """Let go without writing more: the export has failed."""


class Format(ABC):
    """A format of files."""

    name: str
    media_type: str

    @abstractmethod
    def writer(self, file: HashingFile, columns: tuple[Column, ...]) -> Writer:
        """Begin a file."""

    @abstractmethod
    def read(self, path: Path, columns: tuple[Column, ...]) -> Iterator[pa.RecordBatch]:
        """Read a file that a writer of ours wrote.

        Raises:
            ValueError: It is not such a file (pyarrow.ArrowInvalid is a ValueError).
        """
