"""What a browser kept in its localStorage: an object of keys, whose values are JSON as text, or JSON.

A value is a list of sessions, an object of sessions by their ids, or one session; a session has its messages
in it. A list of messages alone is a session, too, that is called as its key.
"""

from collections.abc import Iterator
from typing import Any, Final

from imports.fields import parsed, pick, role_of
from imports.files import JsonText, opened
from imports.foreign import ForeignThread, SourceRequest
from imports.sessions import ID, SessionReader, in_order

_DEEPEST: Final = 8


class LocalStorage:
    """Sessions of all keys; what holds none is counted."""

    def threads(self, asked: SourceRequest) -> Iterator[ForeignThread]:
        """Read them."""
        reader = SessionReader(asked)
        place = 0
        with opened(asked) as file:
            reading = JsonText(file, asked)
            names = reading.members() if not reading.begins_list() else iter(("",))
            for name in names:
                found = list(_sessions(name, parsed(reading.value())))
                if not found:
                    asked.told.left_out(
                        0, f"a key that holds no conversation: {name}", "nothing of it is to be kept"
                    )
                for key, row in found:
                    place += 1
                    said = row.get("messages")
                    yield in_order(reader.session(key, place, row, ((place, one) for one in said or [])))


def _sessions(name: str, value: Any, depth: int = 0) -> Iterator[tuple[str, dict[str, Any]]]:
    """Sessions in a value, each with its id; nobody keeps them deeper than within a few others."""
    if depth > _DEEPEST:
        return
    if isinstance(value, dict) and isinstance(parsed(value.get("messages")), list):
        row = value | {"messages": parsed(value["messages"])}
        yield str(pick(row, "id", *ID) or name), row
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _sessions(key, parsed(inner), depth + 1)
    elif isinstance(value, list) and value and all(_is_message(one) for one in value):
        yield name or "messages", {"messages": value}
    elif isinstance(value, list):
        for number, inner in enumerate(value, 1):
            yield from _sessions(f"{name}-{number}", parsed(inner), depth + 1)


def _is_message(value: Any) -> bool:
    if not isinstance(value, dict) or "messages" in value:
        return False
    named = pick(value, "role", "sender", "from", "type", "author")
    return role_of(named) is not None or "isUser" in value
