"""Addresses of people and of the server that takes mail for them."""

import re
from collections.abc import Sequence
from typing import Final

_PERSON: Final = re.compile(r"[^@\s<>,]+@[^@\s<>,]+")


def checked_person(value: str) -> str:
    """Read one person's address.

    Raises:
        ValueError: It is none; what is wrong, as the end of a sentence that names the setting.
    """
    if not _PERSON.fullmatch(value):
        raise ValueError("it is no e-mail address. Write it like: lab@example.org")
    return value


def checked_people(value: str | Sequence[str]) -> tuple[str, ...]:
    """Read several, separated by commas.

    Raises:
        ValueError: One of them is none.
    """
    given = value.split(",") if isinstance(value, str) else value
    return tuple(checked_person(one.strip()) for one in given if one.strip())


def check_mail_server(value: str) -> None:
    """See that it is one.

    Raises:
        ValueError: It is none.
    """
    if not value.startswith(("smtp://", "smtps://")):
        raise ValueError("it is no mail server. Write it like: smtp://name:password@mail.example.org:587")
