"""ChatGPT's data export: conversations.json, or the zip that it comes in. Its branches stay branches."""

from collections.abc import Iterator
from typing import Any, Final

from imports.fields import parted, rest, role_of, text, text_of
from imports.files import json_rows
from imports.foreign import ForeignMessage, ForeignRole, ForeignThread, SourceRequest
from imports.times import ForeignTimes

FILE: Final = "conversations.json"
_OWN: Final = ("mapping", "title", "create_time", "conversation_id", "id", "current_node")
_READ: Final = ("content", "author", "create_time", "id", "recipient")
_WORDS: Final = ("text", "result", "content", "user_profile", "user_instructions", "summary")
_THINKING: Final = ("thoughts", "reasoning_recap")


class ChatGPTExport:
    """One conversation an element; messages are nodes of a tree."""

    def threads(self, asked: SourceRequest) -> Iterator[ForeignThread]:
        """Read them."""
        times = ForeignTimes(asked.zone, asked.told)
        for place, row in json_rows(asked, FILE):
            mapping = row.get("mapping") if isinstance(row, dict) else None
            if not isinstance(mapping, dict):
                asked.told.left_out(
                    place, "what is no conversation", "see that the file is conversations.json"
                )
                continue
            reading = _Conversation(asked, times, place, row, mapping)
            yield reading.thread()
            times.settle(place)


class _Conversation:
    def __init__(
        self,
        asked: SourceRequest,
        times: ForeignTimes,
        place: int,
        row: dict[str, Any],
        mapping: dict[str, Any],
    ) -> None:
        self._told = asked.told
        self._times = times
        self._place = place
        self._row = row
        self._nodes = {key: node for key, node in mapping.items() if isinstance(node, dict)}
        for _ in range(len(mapping) - len(self._nodes)):
            asked.told.left_out(place, "a node that is no object", "nothing of it can be read")

    def thread(self) -> ForeignThread:
        row = self._row
        key = text(row.get("conversation_id") or row.get("id"))
        thread = ForeignThread(
            key or f"conversation {self._place}",
            self._place,
            title=text(row.get("title")) or "",
            at=self._times.read(row.get("create_time"), self._place),
            details=rest(row, *_OWN),
            is_tree=True,
            is_named=bool(key),
        )
        messages = {key: self._message(key, node) for key, node in self._nodes.items()}
        thread.messages = [one for one in messages.values() if one is not None]
        for one in thread.messages:
            one.parent = self._parent(one.key, messages)
        thread.shown = self._standing(text(row.get("current_node")), messages)
        thread.agent = text(row.get("default_model_slug")) or next(
            (one.model for one in thread.messages if one.model), None
        )
        return thread

    def _parent(self, key: str, messages: dict[str, ForeignMessage | None]) -> str | None:
        """The nearest message above; nodes that hold none are passed over."""
        met = {key}
        at = text(self._nodes[key].get("parent"))
        while at is not None and at in messages and messages[at] is None and at not in met:
            met.add(at)
            at = text(self._nodes[at].get("parent"))
        return None if at in met else at

    def _standing(self, key: str | None, messages: dict[str, ForeignMessage | None]) -> str | None:
        if key is None or key not in messages:
            return None
        return key if messages[key] is not None else self._parent(key, messages)

    def _message(self, key: str, node: dict[str, Any]) -> ForeignMessage | None:
        said = node.get("message")
        if not isinstance(said, dict):
            return None  # The root.
        author, content, metadata = (_object(said, name) for name in ("author", "content", "metadata"))
        role = self._role(author, said, content)
        words, files = _content(content)
        if not words and not files and role is not ForeignRole.USER:
            self._told.keep("empty nodes, which nobody saw, passed over")
            return None
        others, personal = parted(rest(said, *_READ, "metadata") | rest(metadata, "model_slug"))
        if content.get("content_type") not in (None, "text"):
            others["content_type"] = content["content_type"]
        if files:
            others["files"] = files
            self._told.keep("files and pictures, named in the messages’ metadata and not fetched", len(files))
        called = text(said.get("recipient")) not in (None, "all")
        return ForeignMessage(
            key,
            role,
            "" if called and role is ForeignRole.TOOL else words,
            self._times.read(said.get("create_time"), self._place),
            name=(text(said.get("recipient")) if called else text(author.get("name"))) or "",
            input=words if called and role is ForeignRole.TOOL else "",
            model=text(metadata.get("model_slug")),
            metadata=others,
            personal=personal,
        )

    def _role(self, author: Any, said: dict[str, Any], content: Any) -> ForeignRole:
        role = role_of(author.get("role"))
        if content.get("content_type") in _THINKING:
            return ForeignRole.THINKING
        if role is ForeignRole.ASSISTANT and text(said.get("recipient")) not in (None, "all"):
            return ForeignRole.TOOL  # A call: the next message is the tool's.
        if role is None:
            self._told.note(
                self._place, f"an unknown role: {author.get('role')}", "kept as a step, and no message"
            )
        return role or ForeignRole.OTHER


def _object(row: dict[str, Any], name: str) -> dict[str, Any]:
    found = row.get(name)
    return found if isinstance(found, dict) else {}


def _content(content: dict[str, Any]) -> tuple[str, list[Any]]:
    """The words of a node, and what in it is none."""
    if isinstance(content.get("parts"), list):
        return text_of([one for one in content["parts"] if one not in (None, "")])
    if isinstance(content.get("thoughts"), list):
        thoughts = [one for one in content["thoughts"] if isinstance(one, dict)]
        words = [
            "\n".join(str(one[name]) for name in ("summary", "content") if one.get(name)) for one in thoughts
        ]
        return "\n\n".join(words), []
    words = [str(content[name]) for name in _WORDS if content.get(name)]
    return "\n\n".join(words), []
