"""Operators' and researchers' commands. Never imports chainlit: its import costs five seconds."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer
from rich.console import Console

from study.errors import StudyError

if TYPE_CHECKING:
    from data_layer.accounts import Accounts

T = TypeVar("T")

cli = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)
screen = Console(stderr=True, soft_wrap=True, highlight=False)


@cli.callback()
def main() -> None:
    """Verbatim: conversation studies in which nothing is lost."""


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


@cli.command()
@for_people
def check(
    folder: Annotated[Path, typer.Argument(help="The folder with study.yaml in it.")],
) -> None:
    """Say what is wrong with a study, or that all is well."""
    from study.loader import check_study, load_study
    from study.warnings import warnings_of

    problems = check_study(folder)
    for problem in problems:
        screen.print(problem, markup=False)
    if problems:
        raise typer.Exit(10)
    study = load_study(folder)
    for warning in warnings_of(study):
        screen.print(warning, markup=False, style="yellow")
    agents = ", ".join(agent.name for agent in study.definition.agents)
    screen.print(f"All is well: {study.definition.title} ({agents}).", markup=False, style="green")
    screen.print(f"Fingerprint {study.fingerprint}", markup=False)


@cli.command()
@for_people
def migrate() -> None:
    """Make the database, or bring it to the current schema."""
    from data_layer.migrate import upgrade
    from settings import load_settings

    settings = load_settings()
    settings.make_folders()
    asyncio.run(upgrade(settings.database_url))
    screen.print("The database is up to date.", style="green")


@cli.command()
@for_people
def simulate(
    dialogs: Annotated[Path, typer.Argument(help="A file of dialogs, one JSON object a line.")],
    participants: Annotated[int, typer.Option(min=1, max=5000, help="How many speak at once.")] = 10,
    url: Annotated[str, typer.Option(help="The page's address.")] = "http://127.0.0.1:8000",
    think_time: Annotated[float, typer.Option(min=0, help="Seconds before each message.")] = 0.0,
    rounds: Annotated[int, typer.Option(min=1, help="How often the file is spoken.")] = 1,
) -> None:
    """Let simulated participants speak the lines of a file of dialogs, over the real page."""
    from simulation.progress import shown
    from simulation.run import simulate as simulate_all
    from study.dialogs import read_dialogs

    with shown() as progress:
        report = asyncio.run(
            simulate_all(
                url,
                read_dialogs(dialogs),
                participants,
                think_time_s=think_time,
                rounds=rounds,
                progress=progress,
            )
        )
    screen.print(
        f"{len(report.turns)} messages answered in {report.duration_s:.1f} s, "
        f"by {report.participants} participants at once.",
        markup=False,
    )
    report.raise_for_errors()


@cli.command()
@for_people
def links(
    count: Annotated[int, typer.Option(min=1, max=100_000, help="How many, one a participant.")] = 1,
    base_url: Annotated[
        str | None, typer.Option(help="The page's public address; of allowed origins the first, if left out.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="A new CSV file; shown on the screen if left out.")] = None,
) -> None:
    """Make personal links for a study whose login mode is `link`."""
    from data_layer.links import make_links, write_links
    from settings import load_settings
    from study.loader import load_study

    settings = load_settings()
    study = load_study(settings.study).definition
    own = f"http://{settings.host}:{settings.port}"
    base = base_url or next(iter(settings.allowed_origins), own)
    made = make_links(count, base, secret=settings.ensure_secret(), study_id=study.id)
    write_links(made, out)
    if study.login.mode != "link":
        screen.print(
            f"These links lead in once the login mode of {settings.study} is link. It is {study.login.mode}.",
            markup=False,
            style="yellow",
        )


accounts = typer.Typer(no_args_is_help=True, help="Accounts of a study whose login mode is `password`.")
cli.add_typer(accounts, name="accounts")

Name = Annotated[str, typer.Argument(help="The participant's name.")]
FromStdin = Annotated[
    bool,
    typer.Option("--password-stdin", help="Read the password from standard input."),
]


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
    given = sys.stdin.readline().rstrip("\r\n") if from_stdin else None
    password = _with_accounts(lambda all_of_them: change(all_of_them, given))
    screen.print(f"The account {name} is ready.", markup=False, style="green")
    if given is None:
        # Alone on standard output, for who reads it into a file.
        typer.echo(password)
        screen.print("This is its password. It is not shown again.", markup=False)


def _with_accounts(work: "Callable[[Accounts], Awaitable[T]]") -> "T":
    """Do something with the accounts of the study that the settings name."""
    from data_layer.accounts import accounts_of
    from data_layer.migrate import upgrade
    from settings import load_settings
    from study.loader import load_study

    settings = load_settings()
    study_id = load_study(settings.study).definition.id

    async def opened() -> "T":
        settings.make_folders()
        await upgrade(settings.database_url)
        async with accounts_of(settings.database_url, study_id) as accounts:
            return await work(accounts)

    return asyncio.run(opened())


if __name__ == "__main__":
    cli()
