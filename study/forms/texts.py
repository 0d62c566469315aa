"""Values of a form that may be written in more than one way, each with one complaint of its own."""

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, TypeAlias

from pydantic import PlainValidator
from pydantic_core import PydanticCustomError

from study.strings import LANGUAGES
from study.text import is_blank

LONGEST_TEXT: Final = 5_000
LARGEST_NUMBER: Final = 10**15  # whole ones are exact below it, in the page and in every table


def _local_text(value: Any) -> Any:
    if isinstance(value, str):
        return _visible(value)
    if not isinstance(value, Mapping) or not value:
        raise PydanticCustomError("local_text", "must be a text in quotes, or one text a language")
    unknown = [str(name) for name in value if name not in LANGUAGES]
    if unknown:
        known = ", ".join(LANGUAGES)
        message = "has the language {unknown}, which the page does not speak; it speaks {known}"
        raise PydanticCustomError("local_text", message, {"unknown": unknown[0], "known": known})
    return {name: _visible(text) for name, text in value.items()}


def _visible(value: Any) -> str:
    if not isinstance(value, str) or is_blank(value) or len(value) > LONGEST_TEXT:
        message = "must be a text in quotes of at most {longest} characters, with something to be seen"
        raise PydanticCustomError("local_text", message, {"longest": LONGEST_TEXT})
    return value


def _bound(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise PydanticCustomError("form_bound", "must be a number, or a date or time in quotes")
    if isinstance(value, int | float) and not abs(value) < LARGEST_NUMBER:
        raise PydanticCustomError("form_bound", "must be a number below 1,000,000,000,000,000")
    return value


def _other(value: Any) -> Any:
    return value if isinstance(value, bool) else _local_text(value)


def _required(value: Any) -> Any:
    if not isinstance(value, bool) and value != "ask_once":
        raise PydanticCustomError("form_needed", "must be true, false or ask_once")
    return value


def _expected(value: Any) -> Any:
    if not isinstance(value, str | bool | int | float):
        raise PydanticCustomError("form_expected", "must be a text, a number, true or false")
    return value


# One text, or one a language.
LocalText: TypeAlias = Annotated[str | dict[str, str], PlainValidator(_local_text)]
# Of numbers, of characters, of how many are chosen; dates as "2026-01-31" and times as "08:30".
Bound: TypeAlias = Annotated[int | float | str, PlainValidator(_bound)]
# Whether there is an "other" with a text of one's own, and what it is called.
OtherText: TypeAlias = Annotated[bool | str | dict[str, str], PlainValidator(_other)]
# Whether there must be an answer; or a reminder where there is none, which may be left so.
RequiredWord: TypeAlias = Annotated[bool | Literal["ask_once"], PlainValidator(_required)]
# What a condition compares an answer with.
Expected: TypeAlias = Annotated[str | bool | int | float, PlainValidator(_expected)]


def text_in(text: str | dict[str, str], language: str) -> str:
    """A text in a language, or in the first that it is written in."""
    if isinstance(text, str):
        return text
    return text.get(language) or next(iter(text.values()))
