"""A message as most sources write one: an object with a role and a content, by whatever names."""

from typing import Any, Final

from imports.fields import is_true, parsed, parted, pick, plain, rest, role_of, text, text_of
from imports.foreign import ForeignMessage, ForeignRole
from imports.remarks import Remarks
from imports.times import ForeignTimes

_ROLE: Final = ("role", "from", "sender", "type", "author", "speaker", "message_type", "messageType")
_CONTENT: Final = ("content", "value", "text", "message", "body", "output")
_AT: Final = (
    *("created_at", "createdAt", "timestamp", "time", "date", "create_time", "created", "sent_at", "sentAt"),
    *("created_date", "ts"),
)
_KEY: Final = ("id", "_id", "message_id", "messageId", "uuid")
_PARENT: Final = ("parent_id", "parentId")
_DELETED: Final = ("deleted", "is_deleted", "isDeleted")
_DELETED_AT: Final = ("deleted_at", "deletedAt")
_MODEL: Final = ("model", "model_name", "modelName", "model_slug")
_AGENT: Final = ("agent", "agent_type", "agentType", "agent_name", "agentName")
_BY_FLAG: Final = ("isUser", "is_user", "fromUser", "from_user")
_READ: Final = (
    *_ROLE,
    *_CONTENT,
    *_AT,
    *_KEY,
    *_DELETED,
    *_DELETED_AT,
    *_MODEL,
    *_AGENT,
    *_BY_FLAG,
    *("metadata", "tool_calls", "function_call", "tool_call_id", "name"),
    # Of the thread, said once more with each message.
    *("thread_id", "threadId", "session_id", "sessionId", "conversation_id", "conversationId", "chat_id"),
)


class MessageReader:
    """Reads messages, and tells of what is broken.

    Args:
        told: Takes remarks.
        times: Reads times.
    """

    def __init__(self, told: Remarks, times: ForeignTimes) -> None:
        self._told = told
        self._times = times

    def message(
        self, row: Any, key: str, place: int, model: str | None = None, left: tuple[str, ...] = ()
    ) -> ForeignMessage | None:
        """A message; None where there is none in it, which is told.

        Args:
            row: As it stands in the source.
            key: What it is called where it has no id.
            place: Its line.
            model: That is asked where it names none.
            left: Fields that are read elsewhere.
        """
        if not isinstance(row, dict):
            self._told.left_out(place, "a message that is no object", "see that the file is of this source")
            return None
        role, word = self._role(row, place)
        content, files = text_of(_content(row))
        if not content and not files and not _calls(row) and not word:
            self._told.left_out(
                place, "a message without a role and without words", "nothing of it is to be kept"
            )
            return None
        others, personal = parted(rest(row, *_READ, *left) | _metadata(row))
        name = text(pick(row, "name"))
        if name and role is not ForeignRole.TOOL:
            personal["name"] = name
        if files:
            others["files"] = files
            self._told.keep("files and pictures, named in the messages’ metadata and not fetched", len(files))
        found = pick(row, *_KEY)
        return ForeignMessage(
            key if found is None else str(found),
            role,
            content,
            self._times.read(pick(row, *_AT), place),
            name=_name(role, name, word),
            agent=text(pick(row, *_AGENT)),
            model=None if role is ForeignRole.USER else text(pick(row, *_MODEL)) or model,
            deleted=is_true(pick(row, *_DELETED)) or pick(row, *_DELETED_AT) is not None,
            deleted_at=self._times.read(pick(row, *_DELETED_AT), place),
            metadata=others,
            personal=personal,
        )

    def _role(self, row: dict[str, Any], place: int) -> tuple[ForeignRole, str]:
        for name in _BY_FLAG:
            if name in row and "role" not in row:
                return (ForeignRole.USER if is_true(row[name]) else ForeignRole.ASSISTANT), name
        found = plain(next((row[name] for name in _ROLE if row.get(name)), ""))
        word = str(found.get("role", "")) if isinstance(found, dict) else str(found)
        role = role_of(word)
        if role is None:
            self._told.note(
                place,
                f"an unknown role: {word or 'none'}",
                "kept as a step of that name, and no message; say user, assistant, system or tool",
            )
        return role or ForeignRole.OTHER, word


def _content(row: dict[str, Any]) -> Any:
    return next((row[name] for name in _CONTENT if row.get(name) not in (None, "")), None)


def _calls(row: dict[str, Any]) -> bool:
    return bool(row.get("tool_calls") or row.get("function_call"))


def _metadata(row: dict[str, Any]) -> dict[str, Any]:
    found = parsed(row.get("metadata"))
    if isinstance(found, dict):
        return rest(found)
    return {} if found in (None, "", []) else {"metadata": found}


def _name(role: ForeignRole, name: str | None, word: str) -> str:
    if role is ForeignRole.TOOL:
        return name or ""
    return word if role is ForeignRole.OTHER else ""
