"""The journals of a data folder: one a process, so that none takes from another what it has just kept.

journal/
├── <process_id>/writes.jsonl   what a process could not write; whoever lives takes over that of the gone
├── writes.jsonl                the same, of an earlier version
└── failed.jsonl                what no database takes, of all: for a person to look at
"""

import contextlib
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

from data_layer.database.ids import is_uuid
from data_layer.writing.journal import JOURNAL_NAME, Journal


class Journals:
    """The journals of the processes that share a data folder.

    Args:
        folder: Theirs.
        process_id: This one's.
    """

    def __init__(self, folder: Path, process_id: str) -> None:
        self._folder = folder
        self._process_id = process_id
        self.own = Journal(folder / process_id, folder)

    def left(self, lives: Callable[[str], bool | None]) -> list[Journal]:
        """The journals that nobody writes to any more, and in which something waits.

        Args:
            lives: Whether a process does; None where that cannot be seen, as of one that another folder has.
        """
        return [journal for name, journal in self._others() if name is None or not lives(name)]

    def sweep(self, lives: Callable[[str], bool | None]) -> None:
        """Remove the empty folders of the gone."""
        for folder in self._folders():
            if folder.name != self._process_id and not lives(folder.name):
                with contextlib.suppress(OSError):
                    folder.rmdir()

    def forget(self, ids: Collection[str]) -> int:
        """Take out every line that names one of these rows, in all of them (journal.py).

        Returns:
            How many lines went.

        Raises:
            OSError: The folder cannot be written.
        """
        return self.own.forget(ids) + sum(journal.forget(ids) for _, journal in self._others())

    def count_waiting(self) -> int:
        """How many units wait for the database."""
        return self.own.count_waiting() + sum(journal.count_waiting() for _, journal in self._others())

    def count_failed(self) -> int:
        """How many units the database will never take, and lines that nobody can read."""
        return self.own.count_failed()

    def _others(self) -> Iterator[tuple[str | None, Journal]]:
        """What waits of other processes, by their ids; of an earlier version, by none."""
        found = [(folder.name, folder) for folder in self._folders()]
        for name, folder in [(None, self._folder), *found]:
            if name != self._process_id and (folder / JOURNAL_NAME).exists():
                yield name, Journal(folder, self._folder)

    def _folders(self) -> list[Path]:
        return sorted(path for path in self._folder.glob("*/") if is_uuid(path.name))
