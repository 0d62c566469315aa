"""Where writes wait when the database is away: a local file, fsynced at each append."""

import json
import os
import re
import threading
import uuid
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO, Final

from data_layer.database.durable import make_folder, sync_folder, write_whole
from data_layer.database.locked_file import locked
from data_layer.database.rows import Row
from data_layer.writing.batch import Unit
from data_layer.writing.marks import Attempt
from data_layer.writing.writes_json import from_json, to_json
from study.masking import masked

JOURNAL_NAME: Final = "writes.jsonl"
FAILED_NAME: Final = "failed.jsonl"


class Journal:
    """A file of units, one JSON object a line.

    Args:
        folder: Made when there is none; mode 0700, for it holds participants' words.
        failed_folder: Where that goes which a person is to look at; the same when None.
    """

    def __init__(self, folder: Path, failed_folder: Path | None = None) -> None:
        self._folder = folder
        self.path = folder / JOURNAL_NAME
        self.failed_path = (failed_folder or folder) / FAILED_NAME
        # A line that comes while lines are taken out is not lost.
        self._lock = threading.Lock()

    def append(self, units: Sequence[Unit]) -> None:
        """Keep units until they are replayed.

        Raises:
            OSError: The disk is full, or the folder cannot be written.
        """
        self._write(self.path, [_line(unit, str(uuid.uuid4())) for unit in units])

    def append_failed(self, unit: Unit, reason: str) -> None:
        """Keep a unit that the database will never take, for a person to look at.

        Raises:
            OSError: The disk is full, or the folder cannot be written.
        """
        self._write(self.failed_path, [_line(unit, unit.entry_id or str(uuid.uuid4()), reason)])

    def read(self) -> list[Unit]:
        """The units that wait, oldest first. A last line that was cut off in a crash is passed over.

        It was never confirmed to anybody: append() had not returned.
        """
        return [unit for line in self._lines() if (unit := _unit(line)) is not None]

    def clear(self) -> None:
        """Forget what has been replayed; lines that could not be read are set aside for a person.

        Raises:
            OSError: The disk is full, or the folder cannot be written.
        """
        unreadable = [line for line in self._lines() if line and _unit(line) is None]
        if unreadable:
            self._write(self.failed_path, unreadable)
        if self.path.exists():
            self.path.unlink(missing_ok=True)
            # A journal that came back after a power cut would say what a withdrawal has since erased.
            sync_folder(self._folder)

    def forget(self, ids: Collection[str]) -> int:
        """Take out every line that names one of these rows, for good; also of those kept for a person.

        A line that was cut off names nobody for sure and was never confirmed to anybody: it goes as well.

        Args:
            ids: UUIDs of participants, threads, steps, and of whatever else is erased.

        Returns:
            How many lines went.

        Raises:
            OSError: The folder cannot be written.
        """
        wanted = frozenset(ids)
        with self._lock:
            return sum(self._take_out(path, wanted) for path in (self.path, self.failed_path))

    def _take_out(self, path: Path, ids: frozenset[str]) -> int:
        with _if_there(path) as file:
            lines = _lines_of(file)
            stay = [line for line in lines if _is_json(line) and ids.isdisjoint(_UUID.findall(line))]
            if len(stay) < len(lines):
                write_whole(path, _text(stay))
            return len(lines) - len(stay)

    def mask_failed(self) -> None:
        """Take secrets out of the entries that a person is to look at: an earlier version kept them.

        Raises:
            OSError: The folder cannot be written.
        """
        with self._lock, _if_there(self.failed_path) as file:
            lines = _lines_of(file)
            told = [_without_secrets(line) for line in lines]
            if told != lines:
                write_whole(self.failed_path, _text(told))

    def count_waiting(self) -> int:
        """How many units wait for the database."""
        return _count_lines(self.path)

    def count_failed(self) -> int:
        """How many units the database will never take, and lines that nobody can read."""
        return _count_lines(self.failed_path)

    def __bool__(self) -> bool:
        """Whether anything waits."""
        return self.path.exists()

    def _lines(self) -> list[str]:
        if not self.path.exists():
            return []
        return self.path.read_text(encoding="utf-8", errors="replace").splitlines()

    def _write(self, path: Path, lines: Sequence[str]) -> None:
        make_folder(path.parent)
        is_new = not path.exists()
        with self._lock, locked(path, "ab") as file:
            size = file.seek(0, os.SEEK_END)
            # A crash may have left half a line: a line of its own starts behind it.
            torn = size > 0 and not _ends_line(path)
            left = memoryview(b"\n" * torn + _text(lines))
            try:
                while left:
                    left = left[file.write(left) :]
                os.fsync(file.fileno())
                if is_new:
                    sync_folder(path.parent)
            except OSError:
                # All or nothing: the caller will try the same units again, under other names.
                file.truncate(size)
                raise


_UUID: Final = re.compile("[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")


def _is_json(line: str) -> bool:
    try:
        json.loads(line)
    except ValueError:
        return False
    return True


@contextmanager
def _if_there(path: Path) -> Iterator[BinaryIO | None]:
    """A file of several processes, alone; None where there is none."""
    with ExitStack() as stack:
        try:
            file = stack.enter_context(locked(path, "rb"))
        except FileNotFoundError:
            file = None
        yield file


def _lines_of(file: BinaryIO | None) -> list[str]:
    whole = b"" if file is None else file.read()
    return [line for line in whole.decode("utf-8", "replace").split("\n") if line]


def _count_lines(path: Path) -> int:
    try:
        with path.open("rb") as file:
            return sum(1 for _ in file)
    except FileNotFoundError:
        return 0


def _ends_line(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read() == b"\n"


def _text(lines: Sequence[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


def _without_secrets(line: str) -> str:
    """An entry with its foreign words masked (foreign.py); a line that is none as it stands."""
    unit = _unit(line)
    if unit is None or unit.entry_id is None:
        return line
    return _line(unit, unit.entry_id, json.loads(line).get("reason"))


def _unit(line: str) -> Unit | None:
    """A line of the journal; None when it is torn, or another version's."""
    try:
        entry = json.loads(line)
        writes = [from_json(write) for write in entry["writes"]]
        tried = entry.get("tried")
        return Unit(writes, entry["orders"], entry["id"], Attempt(*tried) if tried else None)
    except (ValueError, KeyError, TypeError):
        return None


def _line(unit: Unit, entry_id: str, reason: str | None = None) -> str:
    writes = [to_json(write) for write in unit.writes]
    entry: Row = {"id": entry_id, "orders": list(unit.orders), "writes": writes}
    if unit.attempt is not None:
        entry["tried"] = [unit.attempt.process_id, unit.attempt.number]
    if reason is not None:
        entry["reason"] = masked(reason)
    return json.dumps(entry, ensure_ascii=True, separators=(",", ":"), default=repr)
