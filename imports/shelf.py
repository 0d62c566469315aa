"""Rows in any order, put together by thread: on the disk, so that a source may be larger than memory."""

import json
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

# Rows that are handed to SQLite at once.
_AT_ONCE: Final = 1_000


class Shelf:
    """Takes rows, and gives them back thread by thread, in the order in which the threads came first."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="import-")
        self._database = sqlite3.connect(Path(self._folder.name) / "rows.db", isolation_level=None)
        for statement in (
            "PRAGMA journal_mode = OFF",
            "PRAGMA synchronous = OFF",
            "CREATE TABLE said (thread TEXT, place INTEGER, row TEXT)",
            "CREATE TABLE threads (thread TEXT PRIMARY KEY, place INTEGER, row TEXT, met INTEGER DEFAULT 0)",
            "BEGIN",
        ):
            self._database.execute(statement)
        self._waiting: list[tuple[str, int, str]] = []

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Throw all of it away."""
        self._database.close()
        self._folder.cleanup()

    def put_thread(self, thread: str, place: int, row: Any) -> bool:
        """Take a thread; False where one of this id is there already."""
        found = self._database.execute(
            "INSERT INTO threads (thread, place, row) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            (_key(thread), place, json.dumps(row, default=str)),
        )
        return found.rowcount == 1

    def put(self, thread: str, place: int, row: Any) -> None:
        """Take what was said in a thread."""
        self._waiting.append((_key(thread), place, json.dumps(row, default=str)))
        if len(self._waiting) >= _AT_ONCE:
            self._flush()

    def threads(self) -> Iterator[tuple[str, int, Any, list[tuple[int, Any]]]]:
        """Each thread that was taken: its id, place and row, and what was said in it, with its places."""
        self._index()
        for thread, place, row in self._database.execute(
            "SELECT thread, place, row FROM threads ORDER BY place, thread"
        ):
            yield thread, place, json.loads(row), self._said(thread)

    def without_thread(self) -> Iterator[tuple[str, list[tuple[int, Any]]]]:
        """What was said in threads that were not taken."""
        self._index()
        for (thread,) in self._database.execute(
            "SELECT thread FROM said WHERE thread NOT IN (SELECT thread FROM threads) "
            "GROUP BY thread ORDER BY min(place)"
        ):
            yield thread, self._said(thread)

    def _said(self, thread: str) -> list[tuple[int, Any]]:
        rows = self._database.execute(
            "SELECT place, row FROM said WHERE thread = ? ORDER BY place", (thread,)
        )
        return [(place, json.loads(row)) for place, row in rows]

    def _index(self) -> None:
        self._flush()
        self._database.execute("CREATE INDEX IF NOT EXISTS said_thread ON said (thread, place)")

    def _flush(self) -> None:
        self._database.executemany("INSERT INTO said VALUES (?, ?, ?)", self._waiting)
        self._waiting = []


def _key(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
