"""Where writes wait when the database is away: a local file, fsynced at each append."""

import json
import os
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from data_layer.batch import Unit
from data_layer.writes import from_json, to_json

JOURNAL_NAME: Final = "writes.jsonl"
FAILED_NAME: Final = "failed.jsonl"


class Journal:
    """A file of units, one JSON object a line.

    Args:
        folder: Made when there is none; mode 0700, for it holds participants' words.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.path = folder / JOURNAL_NAME
        self.failed_path = folder / FAILED_NAME

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
        if not self.path.exists():
            return []
        units = []
        for line in self.path.read_text(encoding="utf-8").splitlines():
            try:
                entry = json.loads(line)
            except json.JSONDecodeError:
                continue
            writes = [from_json(write) for write in entry["writes"]]
            units.append(Unit(writes, entry["orders"], entry["id"]))
        return units

    def clear(self) -> None:
        """Forget what has been replayed."""
        self.path.unlink(missing_ok=True)

    def __bool__(self) -> bool:
        """Whether anything waits."""
        return self.path.exists()

    def _write(self, path: Path, lines: Sequence[str]) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        # A crash may have left half a line: a line of its own starts behind it.
        torn = path.exists() and path.stat().st_size > 0 and not path.read_bytes().endswith(b"\n")
        with path.open("a", encoding="utf-8") as file:
            file.write("\n" * torn + "".join(f"{line}\n" for line in lines))
            file.flush()
            os.fsync(file.fileno())


def _line(unit: Unit, entry_id: str, reason: str | None = None) -> str:
    entry = {"id": entry_id, "orders": list(unit.orders), "writes": [to_json(write) for write in unit.writes]}
    if reason is not None:
        entry["reason"] = reason
    return json.dumps(entry, ensure_ascii=True, separators=(",", ":"))
