"""MongoDB's JSON of chat_sessions and messages, with deleted flags: one object with both lists, or a folder.

In a folder each collection is a file as mongoexport writes it: chat_sessions.json and messages.json, one
object a line or a list. Ids and times may be written as MongoDB does ({"$oid": ...}, {"$date": ...}).
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from imports.fields import pick, text
from imports.files import JsonText, json_rows, opened
from imports.foreign import ForeignThread, SourceRequest
from imports.sessions import ID, OF, SessionReader, in_order
from imports.shelf import Shelf
from study.errors import ImportFailed

_SESSIONS: Final = ("chat_sessions", "sessions", "chatSessions", "conversations", "chats")
_MESSAGES: Final = ("messages", "chat_messages", "chatMessages")


class MongoJson:
    """Messages are put together by session on the disk; those within a session are read there."""

    def threads(self, asked: SourceRequest) -> Iterator[ForeignThread]:
        """Read them."""
        reader = SessionReader(asked)
        with Shelf() as shelf:
            for collection, place, row in _collections(asked):
                if not isinstance(row, dict):
                    asked.told.left_out(place, f"what is no object, in {collection}", "see the file")
                elif collection in _MESSAGES:
                    _put_message(asked, shelf, place, row)
                else:
                    _put_session(asked, shelf, place, row)
            for thread in reader.from_shelf(shelf):
                yield in_order(thread)


def _put_session(asked: SourceRequest, shelf: Shelf, place: int, row: dict[str, Any]) -> None:
    key = pick(row, *ID)
    if key is None:
        asked.told.left_out(place, "a session without an id", "give it one, and import again")
        return
    within = row.pop("messages", None)
    if not shelf.put_thread(str(key), place, row):
        asked.told.left_out(
            place,
            f"another session with an id that was there: {key}",
            "its messages go in with the first one's",
        )
    for one in within if isinstance(within, list) else []:
        shelf.put(str(key), place, one)


def _put_message(asked: SourceRequest, shelf: Shelf, place: int, row: dict[str, Any]) -> None:
    key = text(pick(row, *OF))
    if key is None:
        asked.told.left_out(place, "a message of no session", "say which session it is of, and import again")
        return
    shelf.put(key, place, row)


def _collections(asked: SourceRequest) -> Iterator[tuple[str, int, Any]]:
    """Rows, each with its collection and its place in it."""
    if Path(asked.place).is_dir():
        yield from _folder(asked)
        return
    with opened(asked) as file:
        reading = JsonText(file, asked)
        for name in reading.members():
            if name in (*_SESSIONS, *_MESSAGES) and reading.begins_list():
                for place, row in enumerate(reading.elements(), 1):
                    yield name, place, row
            else:
                reading.value()
                asked.told.left_out(
                    0, f"what is no list of sessions or messages: {name}", "nothing of it is to be kept"
                )


def _folder(asked: SourceRequest) -> Iterator[tuple[str, int, Any]]:
    found = False
    for name in (*_SESSIONS, *_MESSAGES):
        for path in sorted(Path(asked.place).glob(f"{name}.json*")):
            found = True
            for place, row in json_rows(replace(asked, place=str(path))):
                yield name, place, row
    if not found:
        raise ImportFailed(
            f"{asked.place} has no file chat_sessions.json or messages.json in it. Name the folder that "
            "mongoexport wrote to, or one file with both lists."
        )
