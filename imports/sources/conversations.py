"""A table `conversations` of one row a message: user_id, thread_id, role, content, created_at.

In a SQLite file, in PostgreSQL, or as CSV. Before such applications knew threads, all that a user said had
the user's id for a thread's, or none: that becomes one thread, whose origin is called thread-legacy-....
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from data_layer.database.address import is_postgresql
from imports.databases import database_at, is_sqlite
from imports.fields import pick, text
from imports.files import csv_rows
from imports.foreign import ForeignThread, SourceRequest
from imports.messages import MessageReader
from imports.sessions import in_order
from imports.shelf import Shelf
from imports.times import ForeignTimes
from study.errors import ImportFailed

TABLE: Final = "conversations"
LEGACY: Final = "thread-legacy-"
_THREAD: Final = ("thread_id", "conversation_id", "session_id")
_USER: Final = ("user_id", "user", "username")
_OWN: Final = (*_THREAD, *_USER, "title")
_OF_A_USER: Final = re.compile(r"user[-_].+", re.IGNORECASE)


class ConversationsTable:
    """Rows are put together by thread on the disk, and sorted by time where all have one."""

    def threads(self, asked: SourceRequest) -> Iterator[ForeignThread]:
        """Read them."""
        times = ForeignTimes(asked.zone, asked.told)
        reader = MessageReader(asked.told, times)
        with Shelf() as shelf, _rows(asked) as rows:
            for place, row in rows:
                key, user = pick(row, *_THREAD), pick(row, *_USER)
                if key is None and user is None:
                    asked.told.left_out(place, "a row without a thread and a user", "say whose it is")
                    continue
                shelf.put(origin_of(text(key), text(user)), place, row)
            for key, said in shelf.without_thread():
                thread = ForeignThread(key, said[0][0], title=text(pick(said[0][1], "title")) or "")
                users = list(dict.fromkeys(text(pick(row, *_USER)) for _, row in said))
                thread.user = next((user for user in users if user is not None), None)
                if len([user for user in users if user is not None]) > 1:
                    asked.told.note(said[0][0], "a thread of several users", "it goes in as the first one's")
                for place, row in said:
                    message = reader.message(row, f"#{place}", place, left=_OWN)
                    if message is not None:
                        thread.messages.append(message)
                times.settle(thread.place)
                yield in_order(thread)


def origin_of(thread: str | None, user: str | None) -> str:
    """What a thread is called: its own id, unless that is a user's."""
    if thread is None:
        return f"{LEGACY}{user}"
    return f"{LEGACY}{thread}" if thread == user or _OF_A_USER.fullmatch(thread) else thread


@contextmanager
def _rows(asked: SourceRequest) -> Iterator[Iterator[tuple[int, dict[str, Any]]]]:
    if not is_postgresql(asked.place) and not is_sqlite(Path(asked.place)):
        yield csv_rows(asked)
        return
    with database_at(asked) as database:
        names = database.columns(TABLE)
        if not {"role", "content"} <= set(names):
            raise ImportFailed(
                f"{asked.place if not is_postgresql(asked.place) else 'The database'} has no table "
                f"{TABLE} with role and content. Name another source, or make a view of that name there."
            )
        asked.far.total = database.count(TABLE)
        yield _counted(asked, database.rows(TABLE, order="id" if "id" in names else ""))


def _counted(asked: SourceRequest, rows: Iterator[dict[str, Any]]) -> Iterator[tuple[int, dict[str, Any]]]:
    for place, row in enumerate(rows, 1):
        asked.far.done = place
        yield place, row
