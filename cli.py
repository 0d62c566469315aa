"""Operators' and researchers' commands. Never imports chainlit: its import costs five seconds."""

import asyncio
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from study.errors import StudyError

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

    problems = check_study(folder)
    for problem in problems:
        screen.print(problem, markup=False)
    if problems:
        raise typer.Exit(10)
    study = load_study(folder)
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


if __name__ == "__main__":
    cli()
