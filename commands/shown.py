"""How commands speak: to a person, on the screen, in sentences."""

import sys
from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any, Final

import typer
from rich.console import Console

from study.errors import AccountError, StudyError
from study.file_text import MARK
from study.text import without_commands


class _Screen(Console):
    """Standard error, where a person reads what others have said: providers, participants, files."""

    def print(self, *objects: Any, **how: Any) -> None:
        """Print as rich does; what a text commands the terminal to do is left out."""
        super().print(*(without_commands(one) if isinstance(one, str) else one for one in objects), **how)


screen: Final = _Screen(stderr=True, soft_wrap=True, highlight=False)

FromStdin = Annotated[
    bool,
    typer.Option("--password-stdin", help="Read the password from standard input."),
]


def password_from(stdin: bool) -> str | None:
    """The password that stands on standard input; None where none was asked for.

    Raises:
        AccountError: It is not UTF-8.
    """
    if not stdin:
        return None
    try:
        return sys.stdin.readline().removeprefix(MARK).rstrip("\r\n")
    except UnicodeDecodeError:
        raise AccountError(
            "The password on standard input is not UTF-8. Save its file so, or leave --password-stdin out."
        ) from None


def for_people(command: Callable[..., None]) -> Callable[..., None]:
    """Show what a person can repair as its sentence, without a traceback, and exit with its code."""

    @wraps(command)
    def shown(*arguments: Any, **options: Any) -> None:
        try:
            command(*arguments, **options)
        except StudyError as error:
            screen.print(str(error), markup=False, style="red")
            raise typer.Exit(error.exit_code) from error

    return shown
