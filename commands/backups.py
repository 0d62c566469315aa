"""`python cli.py backup`: copy all that was kept, and prove such a copy."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from commands.shown import for_people, screen


class _MakesUnlessToldOtherwise(TyperGroup):
    """`backup FOLDER` is `backup make FOLDER`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the command's name where it was left out."""
        if not args or args[0] not in {*self.commands, "--help"}:
            args = ["make", *args]
        return super().parse_args(ctx, args)


backup = typer.Typer(
    cls=_MakesUnlessToldOtherwise,
    help="Copy all that was kept: backup [FOLDER]. Prove such a copy: backup verify FOLDER.",
)


@backup.command("make")
@for_people
def make(
    folder: Annotated[
        Path | None, typer.Argument(help="A new folder; backups/ and the time, if left out.")
    ] = None,
) -> None:
    """Copy the database, files, journal and secret into a folder, while the server runs."""
    import asyncio

    from commands.account_store import record_beside
    from data_layer.database.bucket import VARIABLES, open_bucket
    from data_layer.review.overview_queries import BACKUP_MADE
    from exports.backup.make import MANIFEST_NAME, BackupManifest, check, make_backup, sha256_of
    from settings import load_settings, variables_named

    settings = load_settings()
    what = settings.database_url, settings.data_dir
    out = (folder or Path("backups") / f"{datetime.now(UTC):%Y-%m-%d-%H%M%S}").absolute()
    check(*what, out)
    url, copies = settings.files_url, settings.data_dir / "files"
    files = None if url is None else open_bucket(copies, url, variables_named(VARIABLES))

    async def work() -> BackupManifest:
        # The database stays as it is, of whichever version: backups are made before an update.
        async with record_beside(settings.database_url) as record:
            note, who = record.audit.note, "command line"
            await note("backup_begun", name=who, target=str(out))
            made = await asyncio.to_thread(make_backup, *what, out, files)
            sha256 = await asyncio.to_thread(sha256_of, out / MANIFEST_NAME)
            details = {"bytes": made.size, "sha256": sha256}
            await note(BACKUP_MADE, name=who, target=str(out), details=details)
            return made

    made = asyncio.run(work())
    screen.print(
        f"The backup is whole: {len(made.files)} files, {made.size / 1e6:,.1f} MB. It holds all that "
        "participants said, and who they are: keep it as safely as the study itself.",
        markup=False,
        style="green",
    )
    typer.echo(out)


@backup.command("verify")
@for_people
def verify(folder: Annotated[Path, typer.Argument(help="A backup.")]) -> None:
    """Prove that a backup holds what was put into it, and that its database can be read."""
    from exports.backup.verify import read_backup_manifest, verify_backup
    from study.errors import ExportError

    wrong = verify_backup(folder)
    for sentence in wrong:
        screen.print(sentence, markup=False, style="red")
    if wrong:
        raise ExportError(f"This backup cannot be relied on: {len(wrong)} findings. Make another one now.")
    manifest = read_backup_manifest(folder)
    screen.print(
        f"All is well: {len(manifest.files)} files as they were at {manifest.made_at:%Y-%m-%d %H:%M} UTC.",
        markup=False,
        style="green",
    )
