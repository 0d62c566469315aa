"""Fields of rows that different applications call differently, and what of them says who somebody is."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from imports.foreign import ForeignRole

_ROLES: Final[Mapping[ForeignRole, tuple[str, ...]]] = {
    ForeignRole.USER: (
        *("user", "human", "prompter", "participant", "user_message", "customer", "client", "you", "me"),
        *("visitor", "student", "patient"),
    ),
    ForeignRole.ASSISTANT: (
        *("assistant", "gpt", "bot", "ai", "agent", "model", "chatbot", "assistant_message", "chatgpt"),
        *("bing", "bard", "claude", "gemini", "llm", "machine", "reply"),
    ),
    ForeignRole.SYSTEM: ("system", "developer", "system_message"),
    ForeignRole.TOOL: ("tool", "function", "function_call", "observation", "ipython"),
    ForeignRole.THINKING: ("thinking", "thoughts", "reasoning"),
}
_ROLE_OF: Final = {word: role for role, words in _ROLES.items() for word in words}
# By name, without signs and case: what says who somebody is, or where.
_PERSONAL: Final = frozenset(
    {
        *("user", "userid", "useridentifier", "username", "owner", "author", "authorid", "name", "fullname"),
        *("firstname", "lastname", "email", "emailaddress", "phone", "phonenumber", "address", "city"),
        *("country", "state", "region", "ip", "ipaddress", "hashedip", "header", "headers", "useragent"),
        *("participant", "participantid", "prolificid", "prolificpid", "workerid", "account", "accountid"),
        *("avatar", "picture", "latitude", "longitude", "location", "token", "password"),
    }
)
_WRAPPED: Final = ("$oid", "$numberLong", "$numberInt", "$numberDouble", "$numberDecimal", "$uuid")
# Metadata that is nested deeper is kept as text.
_DEEPEST: Final = 20
_NO: Final = ("", "0", "false", "no", "f", "n", "none", "null")


def role_of(word: Any) -> ForeignRole | None:
    """Who says something, by the word that the source has for them; None where it is not known."""
    return _ROLE_OF.get(str(word).strip().casefold())


def pick(row: Mapping[str, Any], *names: str) -> Any:
    """The first of some fields that holds anything; None where none does."""
    for name in names:
        value = plain(row.get(name))
        if value is not None and value != "":
            return value
    return None


def rest(row: Mapping[str, Any], *known: str) -> dict[str, Any]:
    """Fields that hold something, without those that were read already."""
    return {
        name: plain(value)
        for name, value in row.items()
        if name not in known and value is not None and value != "" and value != [] and value != {}
    }


def plain(value: Any) -> Any:
    """A value without the wrapping in which MongoDB writes it."""
    if isinstance(value, Mapping) and len(value) == 1:
        name, inner = next(iter(value.items()))
        if name in _WRAPPED:
            return str(inner)
        if name == "$date":
            return plain(inner)
    return value


def parsed(value: Any) -> Any:
    """JSON that a text column or a browser holds as text, read; anything else as it stands."""
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value
    return value


def text(value: Any) -> str | None:
    """A value as text; None where there is none."""
    return None if value is None else str(value)


def is_true(value: Any) -> bool:
    """Whether a flag is set, however it is written."""
    value = plain(value)
    if isinstance(value, str):
        return value.strip().casefold() not in _NO
    return bool(value)


def parted(metadata: Mapping[str, Any], depth: int = 0) -> tuple[dict[str, Any], dict[str, Any]]:
    """Metadata without what says who somebody is, and that; what is nested too deep is that, too."""
    others: dict[str, Any] = {}
    personal: dict[str, Any] = {}
    for name, value in metadata.items():
        if "".join(sign for sign in name.casefold() if sign.isalnum()) in _PERSONAL:
            personal[name] = value
        elif depth > _DEEPEST:
            personal[name] = shallow(value, _DEEPEST)
        elif isinstance(value, Mapping):
            kept, said = parted(value, depth + 1)
            others |= {name: kept} if kept or not said else {}
            personal |= {name: said} if said else {}
        else:
            others[name] = value
    return others, personal


def shallow(value: Any, depth: int = 0) -> Any:
    """JSON as it stands, but what is nested deeper than anybody nests as text."""
    if not isinstance(value, Mapping | list):
        return value
    if depth >= _DEEPEST:
        try:
            return json.dumps(value, default=str)
        except RecursionError:
            return "nested too deep to be kept"
    if isinstance(value, list):
        return [shallow(one, depth + 1) for one in value]
    return {str(name): shallow(one, depth + 1) for name, one in value.items()}


def text_of(content: Any, depth: int = 0) -> tuple[str, list[Any]]:
    """The words of a message's content, and what in it is none: pictures, files."""
    if content is None:
        return "", []
    if depth > _DEEPEST:
        return "", [shallow(content, _DEEPEST)]
    if isinstance(content, str):
        return content, []
    if isinstance(content, Mapping):
        for name in ("text", "value", "content", "message"):
            if isinstance(content.get(name), str):
                return content[name], []
        if isinstance(content.get("parts"), list):
            return text_of(content["parts"], depth + 1)
        return "", [dict(content)]
    if isinstance(content, list):
        return _joined(text_of(one, depth + 1) for one in content)
    return str(content), []


def _joined(parts: Iterable[tuple[str, list[Any]]]) -> tuple[str, list[Any]]:
    words: list[str] = []
    others: list[Any] = []
    for text, files in parts:
        words += [text] if text else []
        others += files
    return "\n\n".join(words), others
