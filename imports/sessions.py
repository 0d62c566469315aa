"""Chat sessions as many applications keep them, under names that differ little."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from imports.fields import is_true, parsed, pick, rest, text
from imports.foreign import ForeignThread, SourceRequest
from imports.messages import MessageReader
from imports.shelf import Shelf
from imports.times import ForeignTimes

ID: Final = ("session_id", "sessionId", "_id", "id", "uuid", "chat_id", "chatId")
OF: Final = (
    "session_id",
    "sessionId",
    "chat_session_id",
    "chatSessionId",
    "chat_id",
    "chatId",
    "thread_id",
    "session",
)
_USER: Final = ("user_id", "userId", "user", "owner", "username")
_TITLE: Final = ("title", "name", "topic")
_AGENT: Final = ("agent_type", "agentType", "agent", "agent_name", "agentName", "bot")
_AT: Final = ("created_at", "createdAt", "created", "start_time", "startTime", "timestamp")
_DELETED: Final = ("deleted", "is_deleted", "isDeleted")
_DELETED_AT: Final = ("deleted_at", "deletedAt")
_ACTIVE: Final = ("is_active", "isActive", "active")
_OWN: Final = (
    *(*ID, *_USER, *_TITLE, *_AGENT, *_AT, *_DELETED, *_DELETED_AT, *_ACTIVE),
    *("messages", "metadata", "tags"),
)


class SessionReader:
    """Reads sessions and their messages.

    Args:
        asked: Takes remarks, and names the zone.
    """

    def __init__(self, asked: SourceRequest) -> None:
        self._told = asked.told
        self._times = ForeignTimes(asked.zone, asked.told)
        self._messages = MessageReader(asked.told, self._times)

    def from_shelf(self, shelf: Shelf) -> Iterator[ForeignThread]:
        """Sessions with their messages; then messages of sessions that are not there."""
        for key, place, row, said in shelf.threads():
            yield self.session(key, place, row, said)
        for key, said in shelf.without_thread():
            place = said[0][0]
            self._told.note(
                place, f"messages of a session that is not there: {key}", "they go in as a thread"
            )
            yield self.session(key, place, {}, said)

    def session(
        self, key: str, place: int, row: dict[str, Any], said: Iterable[tuple[int, Any]]
    ) -> ForeignThread:
        """A session.

        Args:
            key: Its id.
            place: Its line.
            row: What is kept of itself.
            said: Its messages, each with its line.
        """
        thread = ForeignThread(
            key,
            place,
            title=text(pick(row, *_TITLE)) or "",
            agent=text(pick(row, *_AGENT)),
            at=self._times.read(pick(row, *_AT), place),
            deleted_at=self._times.read(pick(row, *_DELETED_AT), place),
            details=rest(row, *_OWN),
        )
        if metadata := rest({"metadata": parsed(row.get("metadata"))}):
            thread.details |= metadata
        tags = parsed(row.get("tags"))
        thread.tags = tuple(map(str, tags)) if isinstance(tags, list) else ()
        active = pick(row, *_ACTIVE)
        ended = active is not None and not is_true(active)
        thread.deleted = is_true(pick(row, *_DELETED)) or thread.deleted_at is not None or ended
        if ended:
            self._told.keep("sessions that were not active any more, as deleted threads")
        users = [pick(row, *_USER)]
        for line, one in said:
            if isinstance(one, dict):
                users.append(pick(one, "user_id", "userId"))
            message = self._messages.message(
                one, f"#{len(thread.messages) + 1}", line, left=(*OF, "user_id", "userId")
            )
            if message is not None:
                thread.messages.append(message)
        thread.user = next(
            (text(user) for user in users if user is not None and not isinstance(user, dict)), None
        )
        self._times.settle(place)
        return thread


def in_order(thread: ForeignThread) -> ForeignThread:
    """A thread whose messages are sorted by time, where all have one."""
    times = [one.at for one in thread.messages if one.at is not None]
    if len(times) == len(thread.messages):
        thread.messages.sort(key=lambda one: one.at or times[0])
    return thread
