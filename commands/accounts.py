"""`python cli.py accounts`: accounts of participants."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from commands.opened import with_record
from commands.shown import FromStdin, for_people, password_from, screen

if TYPE_CHECKING:
    from commands.account_store import Accounts

T = TypeVar("T")

accounts = typer.Typer(no_args_is_help=True, help="Accounts of a study whose login mode is `password`.")

Name = Annotated[str, typer.Argument(help="The participant's name.")]


@accounts.command("add")
@for_people
def add_account(name: Name, password_stdin: FromStdin = False) -> None:
    """Make an account, and show its password once."""
    _show_password(name, password_stdin, lambda all_of_them, given: all_of_them.add(name, given))


@accounts.command("reset")
@for_people
def reset_account(name: Name, password_stdin: FromStdin = False) -> None:
    """Give an account another password, show it once, and sign out whoever is in with the old one."""
    _show_password(name, password_stdin, lambda all_of_them, given: all_of_them.reset(name, given))


@accounts.command("list")
@for_people
def list_accounts() -> None:
    """List the accounts."""
    for account in _with_accounts(lambda all_of_them: all_of_them.all()):
        typer.echo(f"{account.created_at:%Y-%m-%d %H:%M}  {account.participant_id}  {account.name}")


def _show_password(
    name: str, from_stdin: bool, change: "Callable[[Accounts, str | None], Awaitable[str]]"
) -> None:
    given = password_from(from_stdin)
    password = _with_accounts(lambda all_of_them: change(all_of_them, given))
    screen.print(f"The account {name} is ready.", markup=False, style="green")
    if given is None:
        # Alone on standard output, for who reads it into a file.
        typer.echo(password)
        screen.print("This is its password. It is not shown again.", markup=False)


def _with_accounts(work: "Callable[[Accounts], Awaitable[T]]") -> "T":
    """Do something with the accounts of the study that the settings name."""
    from commands.account_store import Accounts
    from settings import load_settings
    from study.loader import load_study

    study_id = load_study(load_settings().study).definition.id
    return with_record(lambda record: work(Accounts(record)), study_id)
