"""Counts what reaches the database and the disk, and lets the n-th of it fail, or be the last."""

import builtins
import errno
import os
import sqlite3
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, NoReturn

from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from data_layer.database.engine import Database

KILLED: Final = 137


class Fault(StrEnum):
    """What happens at a point."""

    ERROR = "the disk reports an error"
    FULL = "the disk is full"
    LOST = "it takes effect, and an error is reported"
    KILL = "the process ends before it"
    KILL_AFTER = "the process ends after it"
    POWER = "the power is cut before it: what was not asked onto the disk is gone"
    TORN = "the power is cut before it: half of what was not asked onto the disk is there"


_ENDS: Final = (Fault.KILL, Fault.KILL_AFTER, Fault.POWER, Fault.TORN)
_LATE: Final = (Fault.LOST, Fault.KILL_AFTER)


class Nemesis:
    """Stands between the app and what it is kept on, from `watch` and `follow` on.

    Args:
        folder: The data folder; what lies elsewhere is left alone.
        at: The point, from 1; 0 for none.
        fault: What happens there.
        struck: Told of the point that it happened at, before it does.
    """

    def __init__(
        self, folder: Path, at: int, fault: Fault, struck: Callable[[str], None] = lambda _: None
    ) -> None:
        self.points: list[str] = []
        # While it is set every statement fails: the database is away.
        self.away = False
        self._folder = str(folder.resolve())
        self._at = at
        self._fault = fault
        self._struck = struck
        self._synced: dict[int, int] = {}
        self._count = 0
        self._open = os.open

    def watch(self) -> None:
        """Stand before the operating system, for the rest of this process's life."""
        fsync, replace, unlink, opened = os.fsync, os.replace, os.unlink, os.open
        # What an earlier process has left is on the disk by now.
        there = (path.stat() for path in Path(self._folder).rglob("*") if path.is_file())
        self._synced = {about.st_ino: about.st_size for about in there}

        def watched_fsync(descriptor: int) -> None:
            path = os.readlink(f"/proc/self/fd/{descriptor}")
            self._meet(f"fsync {self._name(path)}", path, lambda: self._sync(fsync, descriptor))

        def watched_replace(source: Any, target: Any, **more: Any) -> None:
            name = f"replace {self._name(os.fspath(target))}"
            self._meet(name, os.fspath(target), lambda: replace(source, target, **more))

        def watched_unlink(path: Any, *more: Any, **named: Any) -> None:
            inside = os.fspath(path) if "dir_fd" not in named else self._folder
            name = f"unlink {self._name(os.fspath(path))}"
            self._meet(name, inside, lambda: unlink(path, *more, **named))

        def watched_open(path: Any, flags: int, *more: Any, **named: Any) -> int:
            if not flags & (os.O_WRONLY | os.O_RDWR):
                return opened(path, flags, *more, **named)
            found: list[int] = []
            name = f"open {self._name(os.fspath(path))}"
            self._meet(name, os.fspath(path), lambda: found.append(opened(path, flags, *more, **named)))
            return found[0]

        os.fsync, os.replace, os.unlink, os.open = (
            watched_fsync,
            watched_replace,
            watched_unlink,
            watched_open,
        )

    def follow(self, database: Database) -> None:
        """Stand before a database on SQLite."""
        writing: Any = database.writing
        for engine in (writing._engine, database.engine.sync_engine):
            event.listen(engine, "before_cursor_execute", self._before_statement)
            event.listen(engine, "after_cursor_execute", self._after_statement)
            event.listen(engine, "commit", self._commit)

    def _before_statement(self, _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if self.away:
            raise _disk_error("unable to open database file")
        self._next(" ".join(["statement", *statement.split()[:3]]))
        if self._count == self._at and self._fault not in _LATE:
            self._happen()

    def _after_statement(self, *_: Any) -> None:
        if self._count == self._at and self._fault in _LATE:
            self._at = 0
            self._happen()

    def _commit(self, connection: Any) -> None:
        self._next("COMMIT")
        if self._count != self._at:
            return
        if self._fault in _LATE:
            connection.connection.dbapi_connection.commit()
        self._at = 0
        self._happen()

    def _meet(self, name: str, path: str, effect: Callable[[], Any]) -> None:
        if not os.path.abspath(path).startswith(self._folder) or "/processes/" in path:
            effect()
            return
        self._next(name)
        if self._count != self._at:
            effect()
            return
        self._at = 0
        if self._fault in _LATE:
            effect()
        self._happen(of_files=True)

    def _next(self, name: str) -> None:
        self._count += 1
        self.points.append(name)
        if self._count == self._at:
            self._struck(name)

    def _happen(self, *, of_files: bool = False) -> None:
        if self._fault in _ENDS:
            self._end()
        full = self._fault is Fault.FULL
        if of_files:
            number = errno.ENOSPC if full else errno.EIO
            raise OSError(number, os.strerror(number))
        raise _disk_error("database or disk is full" if full else "disk I/O error")

    def _end(self) -> NoReturn:
        if self._fault in (Fault.POWER, Fault.TORN):
            for name in ("journal", "files"):
                self._forget(Path(self._folder) / name)
        os._exit(KILLED)

    def _forget(self, folder: Path) -> None:
        """Take away what the disk was not asked to keep. Names stay: tests/power.py looks after those."""
        for path in folder.rglob("*"):
            if not path.is_file():
                continue
            kept, size = self._synced.get(path.stat().st_ino, 0), path.stat().st_size
            with builtins.open(self._open(path, os.O_WRONLY), "wb", buffering=0) as file:
                file.truncate(kept + (size - kept) // 2 if self._fault is Fault.TORN else min(kept, size))

    def _sync(self, fsync: Callable[[int], None], descriptor: int) -> None:
        fsync(descriptor)
        about = os.fstat(descriptor)
        self._synced[about.st_ino] = about.st_size

    def _name(self, path: str) -> str:
        """A file's kind: its name where that says something, else its folder's."""
        parts = os.path.abspath(path).removeprefix(self._folder).strip("/").split("/")
        return next((part for part in reversed(parts) if len(part) < 32), "folder")


def _disk_error(words: str) -> OperationalError:
    return OperationalError("", {}, sqlite3.OperationalError(words))
