"""Files that stand in a thread: copied at once, named by their element, never by their sender."""

import hashlib
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from data_layer.database.durable import make_folder, put_in_place, write_whole


@dataclass(frozen=True)
class KeptFile:
    """A file in the record.

    Args:
        file: Where it lies, below the files folder.
        size_bytes: Its size.
        sha256: Of its content.
    """

    file: str
    size_bytes: int
    sha256: str


class FileStore:
    """The folder of files.

    Args:
        folder: Made when there is none; mode 0700.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, element_id: str, content: bytes) -> KeptFile:
        """Write a file so that it is there whole, or not at all.

        Args:
            element_id: A UUID; the file's name.
            content: Its bytes.

        Returns:
            Where it lies, its size and its digest.

        Raises:
            OSError: The disk is full, or the folder cannot be written.
        """
        name = f"{element_id[:2]}/{element_id}"
        target = self._folder / name
        make_folder(target.parent)
        was_there = target.exists()
        try:
            write_whole(target, content)
        except OSError:
            # It may have its name by now, and nobody will write down that it is there.
            if not was_there:
                with suppress(OSError):
                    target.unlink(missing_ok=True)
            raise
        return KeptFile(name, len(content), hashlib.sha256(content).hexdigest())

    def adopt(self, element_id: str, path: Path) -> str | None:
        """Move a file that lies on the same disk to where an element's file stays.

        Args:
            element_id: A UUID; the file's name.
            path: Where it is now. Once moved, the same call finds it where it is.

        Returns:
            Where it lies, as in KeptFile; None when it is at neither place.

        Raises:
            OSError: The folder cannot be written.
        """
        name = f"{element_id[:2]}/{element_id}"
        target = self._folder / name
        make_folder(target.parent)
        try:
            put_in_place(path, target)
        except FileNotFoundError:
            return name if target.is_file() else None
        return name

    def remove(self, file: str) -> None:
        """Delete a file that has no row, for good.

        Raises:
            OSError: The folder cannot be written.
        """
        path = self.path_of(file)
        if path is not None:
            path.unlink(missing_ok=True)

    def sweep(self, named: Collection[str], before: float) -> int:
        """Delete files that have no row: the server was killed between the two.

        Args:
            named: Those that have one, as in KeptFile.
            before: Seconds since 1970; what is younger may yet get its row.

        Returns:
            How many went.

        Raises:
            OSError: The folder cannot be written.
        """
        nobodys = [
            path
            for path in self._folder.glob("*/*")
            if path.relative_to(self._folder).as_posix() not in named and path.stat().st_mtime < before
        ]
        for path in nobodys:
            path.unlink(missing_ok=True)
        return len(nobodys)

    @property
    def is_elsewhere(self) -> bool:
        """Whether files are kept elsewhere than in the folder, which then has copies."""
        return False

    def bring(self, file: str) -> Path | None:
        """The file on the disk, from wherever it is kept; None when it is gone or lies outside.

        Not to be called in a loop: where files are kept elsewhere, it is fetched.

        Raises:
            OSError: It cannot be fetched.
        """
        return self.path_of(file)

    def copy_to(self, folder: Path) -> None:
        """Copy every file into another folder, for a backup; one that is erased meanwhile is left out.

        Raises:
            OSError: They cannot be read, or the folder cannot be written.
        """
        make_folder(folder)
        for path in sorted(self._folder.glob("*/*")):
            with suppress(FileNotFoundError):
                content = path.read_bytes()
                make_folder(folder / path.parent.name)
                write_whole(folder / path.parent.name / path.name, content)

    def path_of(self, file: str) -> Path | None:
        """The file on the disk; None when it is gone or lies outside."""
        path = (self._folder / file).resolve()
        inside = path.is_relative_to(self._folder.resolve())
        return path if inside and path.is_file() else None
