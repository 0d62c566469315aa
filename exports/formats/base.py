"""What a format is."""

import hashlib
import io
import os
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from data_layer.database.private import opener
from exports.columns.field import Field
from exports.formats.fitting import Cut


class HashingFile(io.RawIOBase):
    """A file that knows its size and SHA-256 when it is closed, and is on the disk by then.

    Args:
        path: A new file.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.size = 0
        self._file = open(path, "xb", opener=opener)  # noqa: SIM115  # closed in close()
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


class FormatWriter(ABC):
    """Writes the batches of one table to one file.

    Args:
        file: Where to.
        columns: The table's.
    """

    def __init__(self, file: HashingFile, columns: tuple[Field, ...]) -> None:
        self.file = file
        self.columns = columns
        self.cut: list[Cut] = []  # what the format could not hold

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
    most_rows: int | None = None

    @abstractmethod
    def writer(self, file: HashingFile, columns: tuple[Field, ...]) -> FormatWriter:
        """Begin a file."""

    @abstractmethod
    def read(
        self, path: Path, columns: tuple[Field, ...], *, whole: bool = False
    ) -> Iterator[pa.RecordBatch]:
        """Read a file that a writer of ours wrote.

        Args:
            path: The file.
            columns: Which of its columns.
            whole: These are all that it may hold, in this order: what else stood there, others would read.

        Raises:
            ValueError: It is not such a file (pyarrow.ArrowInvalid is a ValueError).
        """


def check_names(names: Sequence[str], columns: Sequence[Field]) -> None:
    """See that a file has the columns that it should have, and no others.

    Raises:
        ValueError: It has others, or these in another order.
    """
    if list(names) != [column.name for column in columns]:
        raise ValueError("it has other columns")
