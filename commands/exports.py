"""`python cli.py export`: exports by the clock. By hand there are `python -m exports` and the room."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from commands.shown import for_people, screen

if TYPE_CHECKING:
    from research.exports.nightly import Night

export = typer.Typer(no_args_is_help=True, help="Exports that are made by the clock.")


@export.callback()
def main() -> None:
    """Exports that are made by the clock. By hand: python -m exports OUT, or the researchers' room."""


@export.command("nightly")
@for_people
def nightly(
    keep: Annotated[int, typer.Option(min=1, max=3650, help="How many stay, this one among them.")] = 14,
    format: Annotated[list[str], typer.Option(help="parquet, csv or jsonl; may be repeated.")] = ["parquet"],  # noqa: B006
    view: Annotated[str | None, typer.Option(help="Only threads of this saved view.")] = None,
    include_deleted: Annotated[
        bool, typer.Option("--include-deleted", help="Also what has left the screen.")
    ] = False,
) -> None:
    """Make one as the researchers' room does, and delete those that are older than the newest few."""
    from commands.account_store import record_beside
    from research.exports.nightly import make_nightly
    from settings import load_settings
    from study.loader import load_study
    from web.exporting.runner import Exporting

    settings = load_settings()
    study_id = load_study(settings.study).definition.id
    asked = {"format": format, "view": view, "include_deleted": include_deleted}
    options = {name: value for name, value in asked.items() if value}

    async def work() -> "Night":
        settings.make_folders()
        async with record_beside(settings.database_url) as record:
            exporting = Exporting(record, study_id, settings.data_dir.absolute())
            return await make_nightly(record, exporting, options, keep)

    night = asyncio.run(work())
    screen.print(
        f"{night.folder}: {night.export['row_count']:,} rows in {night.export['table_count']} tables; "
        f"SHA-256 of its zip {night.export['zip_sha256']}. {night.dropped} older deleted.",
        markup=False,
    )
