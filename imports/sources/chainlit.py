"""Chainlit's own SQLAlchemy schema: users, threads, steps, elements, feedbacks; SQLite or PostgreSQL."""

from collections.abc import Iterator
from typing import Any, Final

from imports.databases import ForeignDatabase, as_list, database_at
from imports.fields import is_true, parsed, parted, rest, text
from imports.foreign import ForeignMessage, ForeignRole, ForeignThread, SourceRequest
from imports.sessions import in_order
from imports.shelf import Shelf
from imports.times import ForeignTimes
from study.errors import ImportFailed

_TABLES: Final = ("threads", "steps")
_ROLES: Final = {
    "user_message": ForeignRole.USER,
    "assistant_message": ForeignRole.ASSISTANT,
    "system_message": ForeignRole.SYSTEM,
    "tool": ForeignRole.TOOL,
}
# Chainlit's frame around a turn; what it holds stands in its own steps, and the record makes runs anew.
_RUN: Final = "run"
_SAID: Final = "say"
_GIVEN: Final = ("elements", "feedbacks")
_READ_OF_STEP: Final = (
    *(
        "id",
        "name",
        "type",
        "threadId",
        "parentId",
        "input",
        "output",
        "createdAt",
        "start",
        "end",
        "isError",
    ),
    *(
        "streaming",
        "waitForAnswer",
        "showInput",
        "metadata",
        "disableFeedback",
        "defaultOpen",
        "autoCollapse",
    ),
)
_READ_OF_THREAD: Final = ("id", "createdAt", "name", "userId", "userIdentifier", "tags", "metadata")


class ChainlitSchema:
    """Steps are put together by thread on the disk, with their elements and feedbacks."""

    def threads(self, asked: SourceRequest) -> Iterator[ForeignThread]:
        """Read them."""
        with Shelf() as shelf, database_at(asked) as database:
            for table in _TABLES:
                if not database.columns(table):
                    raise ImportFailed(
                        f"The database has no table {table}, as Chainlit's SQLAlchemyDataLayer makes it. "
                        "Name another source, or another database."
                    )
            users = _users(database)
            _fill(asked, database, shelf)
            reader = _Reader(asked, users)
            for key, place, row, said in shelf.threads():
                yield reader.thread(key, place, row, said)
            for key, said in shelf.without_thread():
                yield from reader.orphans(key, said)


def _users(database: ForeignDatabase) -> dict[str, str]:
    """Identifiers by id."""
    if "identifier" not in database.columns("users"):
        return {}
    return {str(row["id"]): str(row["identifier"]) for row in database.rows("users")}


def _fill(asked: SourceRequest, database: ForeignDatabase, shelf: Shelf) -> None:
    tables = [name for name in ("threads", "steps", *_GIVEN) if database.columns(name)]
    asked.far.total = sum(map(database.count, tables))
    for name in tables:
        for place, row in enumerate(database.rows(name), 1):
            asked.far.done += 1
            key = text(row.get("id" if name == "threads" else "threadId"))
            if key is None and name == "feedbacks":
                key = _thread_of(database, row)
            if key is None:
                asked.told.left_out(place, f"a row of {name} without a thread", "say which thread it is of")
            elif name != "threads":
                shelf.put(key, place, row | {_SAID: name})
            elif not shelf.put_thread(key, place, row):
                asked.told.left_out(
                    place, f"another thread with an id that was there: {key}", "the first one goes in"
                )


def _thread_of(database: ForeignDatabase, row: dict[str, Any]) -> str | None:
    """An older schema's feedbacks name their step alone."""
    found = (
        next(database.rows("steps", where="id", value=row.get("forId")), None) if row.get("forId") else None
    )
    return text(found.get("threadId")) if found else None


class _Reader:
    def __init__(self, asked: SourceRequest, users: dict[str, str]) -> None:
        self._told = asked.told
        self._users = users
        self._times = ForeignTimes(asked.zone, asked.told)

    def orphans(self, key: str, said: list[tuple[int, Any]]) -> Iterator[ForeignThread]:
        """Rows of a thread that is not there: its messages go in."""
        place = said[0][0]
        self._told.note(place, f"rows of a thread that is not there: {key}", "its messages go in as a thread")
        yield self.thread(key, place, {}, said)

    def thread(self, key: str, place: int, row: dict[str, Any], said: list[tuple[int, Any]]) -> ForeignThread:
        """A thread."""
        thread = ForeignThread(
            key,
            place,
            title=text(row.get("name")) or "",
            user=self._user(row, place),
            at=self._times.read(row.get("createdAt"), place),
            tags=tuple(str(one) for one in as_list(row.get("tags"))),
            details=rest(row, *_READ_OF_THREAD),
        )
        metadata = parsed(row.get("metadata"))
        if metadata:
            thread.details["metadata"] = metadata
        agent = metadata.get("chat_profile") if isinstance(metadata, dict) else None
        thread.agent = text(agent)
        steps = {name: [one for one in said if one[1][_SAID] == name] for name in ("steps", *_GIVEN)}
        found = [(line, one) for line, one in steps["steps"] if one.get("type") != _RUN]
        self._told.keep(
            "frames of turns (type run), which the record makes anew", len(steps["steps"]) - len(found)
        )
        thread.messages = [self._message(line, one) for line, one in found]
        in_order(thread)
        by_key = {one.key: one for one in thread.messages}
        for line, one in steps["elements"]:
            self._attach(line, one, by_key)
        for line, one in steps["feedbacks"]:
            self._rate(line, one, by_key)
        self._times.settle(place)
        return thread

    def _user(self, row: dict[str, Any], place: int) -> str | None:
        user = text(row.get("userId"))
        if user is not None and user not in self._users and self._users:
            self._told.note(
                place, "a thread of a user who is not there", "it goes in by the id that it names"
            )
        return text(row.get("userIdentifier")) or self._users.get(user or "") or user

    def _message(self, place: int, row: dict[str, Any]) -> ForeignMessage:
        kind = str(row.get("type") or "")
        role = _ROLES.get(kind, ForeignRole.OTHER)
        metadata = parsed(row.get("metadata"))
        others, personal = parted(metadata if isinstance(metadata, dict) else {})
        others |= rest(row, *_READ_OF_STEP, _SAID)
        if role in (ForeignRole.USER, ForeignRole.ASSISTANT):
            # The author's name: of a participant it is who they are.
            (personal if role is ForeignRole.USER else others)["name"] = row.get("name")
        return ForeignMessage(
            str(row.get("id") or f"#{place}"),
            role,
            text(row.get("output")) or "",
            self._times.read(row.get("createdAt") or row.get("start"), place),
            name=kind if role is ForeignRole.OTHER else text(row.get("name")) or "",
            input="" if role in (ForeignRole.USER, ForeignRole.ASSISTANT) else text(row.get("input")) or "",
            is_error=is_true(row.get("isError")),
            metadata=others,
            personal=personal,
        )

    def _attach(self, place: int, row: dict[str, Any], by_key: dict[str, ForeignMessage]) -> None:
        """A file is named where it stood; its bytes are in a bucket that is not here."""
        message = by_key.get(str(row.get("forId")))
        if message is None:
            self._told.left_out(place, "a file of a message that is not there", "nothing shows it")
            return
        message.metadata.setdefault("files", []).append(rest(row, "threadId", "forId", _SAID))
        self._told.keep("files and pictures, named in the messages’ metadata and not fetched")

    def _rate(self, place: int, row: dict[str, Any], by_key: dict[str, ForeignMessage]) -> None:
        message = by_key.get(str(row.get("forId")))
        if message is None or message.role is ForeignRole.USER:
            self._told.left_out(place, "a rating of a message that is not there", "nothing bears it")
            return
        message.rating = 1 if str(row.get("value")) in ("1", "1.0", "True", "true") else 0
        message.comment = text(row.get("comment")) or None
