"""How commands speak: to a person, on the screen, in sentences."""

from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any, Final

import typer
from rich.console import Console

from study.errors import StudyError

screen: Final = Console(stderr=True, soft_wrap=True, highlight=False)

FromStdin = Annotated[
    bool,
    typer.Option("--password-stdin", help="Read the password from standard input."),
]


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
