"""Operators' and researchers' commands. Never imports chainlit: its import costs five seconds."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from commands.accounts import accounts
from commands.backups import backup
from commands.codebooks import codebook
from commands.exports import export
from commands.frozen import freeze, seed
from commands.imported import import_threads
from commands.pilot import pilot
from commands.researchers import audit, researcher
from commands.shown import for_people, screen
from commands.simulated import simulate
from privacy import keep_private

cli = typer.Typer(
    no_args_is_help=True, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False
)
cli.add_typer(accounts, name="accounts")
cli.add_typer(researcher, name="researcher")
cli.add_typer(audit, name="audit")
cli.add_typer(backup, name="backup")
cli.add_typer(export, name="export")
cli.add_typer(codebook, name="codebook")
cli.command()(simulate)
cli.command()(pilot)
cli.command()(freeze)
cli.command()(seed)
cli.command("import")(import_threads)


@cli.callback()
def main() -> None:
    """Verbatim: conversation studies in which nothing is lost."""


@cli.command()
@for_people
def check(
    folder: Annotated[Path, typer.Argument(help="The folder with study.yaml in it.")],
    ask: Annotated[
        bool, typer.Option("--ask", help="Ask each model for one short answer, and say what it says.")
    ] = False,
) -> None:
    """Say what is wrong with a study, or that all is well; nothing is written."""
    from commands.check import ask_models, say_study
    from settings import load_settings
    from study.errors import SettingsError

    settings = None
    try:
        settings = load_settings()
    except SettingsError:
        if ask:
            raise
        # A study may be right where the settings are not.
    study = say_study(folder, settings.model if settings else None)
    if ask and settings:
        from agent.pricing import load_prices
        from bootstrap import connect

        ask_models(connect(settings, study), load_prices(settings.prices_file))


@cli.command()
@for_people
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:
    """Look at all that the server stands on, and say what to do. Exit code: 0 well, 1 a warning, 3 wrong."""
    from commands.doctor.command import run
    from settings import load_settings

    run(load_settings(), as_json)


@cli.command()
@for_people
def migrate() -> None:
    """Make the database, or bring it to the current schema."""
    from data_layer.database.migrate import upgrade
    from settings import load_settings

    settings = load_settings()
    settings.make_folders()
    asyncio.run(upgrade(settings.database_url))
    screen.print("The database is up to date.", style="green")


@cli.command()
@for_people
def vacuum() -> None:
    """Write SQLite's file anew, without what was ever erased from it; also while the server runs."""
    from data_layer.database.vacuum import vacuum as write_anew
    from settings import load_settings

    sizes = write_anew(load_settings().database_url)
    if sizes is None:
        screen.print("PostgreSQL does that by itself (autovacuum).")
    else:
        screen.print(f"The file is written anew: {sizes[0]:,} bytes before, {sizes[1]:,} now.", style="green")


@cli.command()
@for_people
def links(
    count: Annotated[int, typer.Option(min=1, max=100_000, help="How many, one a participant.")] = 1,
    base_url: Annotated[
        str | None, typer.Option(help="The page's public address; VERBATIM_PUBLIC_URL, if left out.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="A new CSV file; shown on the screen if left out.")] = None,
) -> None:
    """Make personal links for a study whose login mode is `link`."""
    from data_layer.people.links import make_links, write_links
    from settings import load_settings
    from study.loader import load_study

    settings = load_settings()
    study = load_study(settings.study).definition
    own = f"http://{settings.host}:{settings.port}"
    base = base_url or settings.public_url or next(iter(settings.allowed_origins), own)
    made = make_links(count, base, secret=settings.ensure_secret(), study_id=study.id)
    write_links(made, out)
    if study.login.mode != "link":
        screen.print(
            f"These links lead in once the login mode of {settings.study} is link. It is {study.login.mode}.",
            markup=False,
            style="yellow",
        )


if __name__ == "__main__":
    keep_private()
    cli()
