"""Tables chat_sessions (agent_type, metadata, is_active) and chat_messages, in SQLite or PostgreSQL."""

from collections.abc import Iterator
from typing import Final

from imports.databases import ForeignDatabase, database_at
from imports.fields import pick
from imports.foreign import ForeignThread, SourceRequest
from imports.sessions import ID, OF, SessionReader, in_order
from imports.shelf import Shelf
from study.errors import ImportFailed

SESSIONS: Final = "chat_sessions"
MESSAGES: Final = "chat_messages"


class ChatSessionTables:
    """Messages are put together by session on the disk, so that none is looked for twice."""

    def threads(self, asked: SourceRequest) -> Iterator[ForeignThread]:
        """Read them."""
        reader = SessionReader(asked)
        with Shelf() as shelf, database_at(asked) as database:
            _check(database)
            asked.far.total = database.count(SESSIONS) + database.count(MESSAGES)
            for place, row in enumerate(database.rows(SESSIONS), 1):
                asked.far.done += 1
                key = pick(row, "id", *ID)
                if key is None:
                    asked.told.left_out(place, "a session without an id", "give it one, and import again")
                elif not shelf.put_thread(str(key), place, row):
                    asked.told.left_out(
                        place, f"another session with an id that was there: {key}", "the first one goes in"
                    )
            for place, row in enumerate(database.rows(MESSAGES), 1):
                asked.far.done += 1
                key = pick(row, *OF)
                if key is None:
                    asked.told.left_out(place, "a message of no session", "say which session it is of")
                else:
                    shelf.put(str(key), place, row)
            for thread in reader.from_shelf(shelf):
                yield in_order(thread)


def _check(database: ForeignDatabase) -> None:
    for table in (SESSIONS, MESSAGES):
        if not database.columns(table):
            raise ImportFailed(
                f"The database has no table {table}. Name another source, or make a view of that name there."
            )
