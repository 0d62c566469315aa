"""`python cli.py import`: conversations that were held elsewhere, into the record."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer

from commands.shown import for_people, screen

if TYPE_CHECKING:
    from imports.foreign import HowFar, SourceRequest
    from imports.registry import SourceKind
    from imports.remarks import Remarks
    from imports.run import Importing, ImportSums, Progress
    from settings import Settings

_SOURCES = (
    "chainlit, conversations, mongo, chat_sessions, local_storage, chatgpt, openai, sharegpt, wildchat, oasst"
)


@for_people
def import_threads(
    source: Annotated[str, typer.Argument(help=f"What it is: {_SOURCES}.")],
    file: Annotated[str, typer.Argument(help="A file, or a PostgreSQL database's address.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Read all of it and say what would go in; write nothing.")
    ] = False,
    timezone: Annotated[
        str, typer.Option(help="The zone of times that name none, such as Europe/Berlin.")
    ] = "UTC",
    participant: Annotated[
        str | None,
        typer.Option(help="Whose conversations they are, where the source does not say; any name or id."),
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(
            help="A CSV file of all that is to be said, by line; one in the data folder if left out."
        ),
    ] = None,
) -> None:
    """Bring in conversations that were held elsewhere, marked as such; asked again, it goes on."""
    from imports.registry import source_of
    from settings import load_settings
    from study.errors import ImportFailed

    kind = source_of(source)
    try:
        zone = ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ImportFailed(
            f"--timezone: there is no zone {timezone!r}. Write one like: Europe/Berlin"
        ) from error
    settings = load_settings()
    at = datetime.now(UTC)
    told = _told(settings, kind.name, at, report, dry_run)
    sums = asyncio.run(_imported(settings, kind, file, zone, told, at, participant, dry_run))
    _say(sums, told, dry_run)


def _told(settings: "Settings", source: str, at: datetime, report: Path | None, dry_run: bool) -> "Remarks":
    from imports.remarks import Remarks

    if report is None and not dry_run:
        report = settings.data_dir / "imports" / f"{source}-{at:%Y-%m-%dT%H-%M-%S}.csv"
    return Remarks(report)


async def _imported(
    settings: "Settings",
    kind: "SourceKind",
    file: str,
    zone: ZoneInfo,
    told: "Remarks",
    at: datetime,
    participant: str | None,
    dry_run: bool,
) -> "ImportSums":
    from data_layer.database.address import is_postgresql
    from imports.files import digest_of
    from imports.foreign import SourceRequest
    from imports.known import Naming
    from imports.run import Importing
    from imports.unit import Origin
    from study.loader import load_study

    study = load_study(settings.study).definition
    digest = None if is_postgresql(file) else digest_of(Path(file))
    owner = participant or (f"owner of {digest}" if kind.owned and digest else None)
    secret = "" if dry_run else settings.ensure_secret()
    work = Importing(
        None,
        None,
        Naming(secret, study.id, kind.name),
        Origin(kind.name, digest, at),
        told,
        owner,
    )
    asked = SourceRequest(file, zone, told)
    if dry_run:
        return await _tried(settings, work, kind, asked)
    return await _done(settings, work, kind, asked)


async def _tried(
    settings: "Settings", work: "Importing", kind: "SourceKind", asked: "SourceRequest"
) -> "ImportSums":
    """As if, beside a database that may not be there yet; nothing is made."""
    from sqlalchemy.exc import SQLAlchemyError

    from data_layer.database.engine import open_database, sqlite_path
    from study.errors import DatabaseError

    path = sqlite_path(settings.database_url)
    if path is not None and not path.exists():
        return await work.run(kind.make(), asked)
    database = open_database(settings.database_url)
    try:
        work.database = database
        return await work.run(kind.make(), asked)
    except SQLAlchemyError as error:
        raise DatabaseError(
            "The database cannot be asked what is there already. See that it runs, and that it is at its "
            "newest: python cli.py migrate"
        ) from error
    finally:
        await database.close()


async def _done(
    settings: "Settings", work: "Importing", kind: "SourceKind", asked: "SourceRequest"
) -> "ImportSums":
    from commands.account_store import record_beside
    from data_layer.database.migrate import upgrade
    from imports.unit import RUN_NAME

    settings.make_folders()
    await upgrade(settings.database_url)
    with _alone(settings.data_dir / "imports"), _bar() as work.progress:
        async with record_beside(settings.database_url, work.naming.study_id, RUN_NAME) as record:
            work.database, work.record = record.database, record
            # It writes for minutes, beside a server and other imports.
            await record.join()
            what = {"source": kind.name, "sha256": work.origin.file_sha256}
            await record.audit.note("import_begun", name="command line", details=what)
            sums = await work.run(kind.make(), asked)
            counts = {"threads": sums.threads, "messages": sums.messages, "left_out": sums.refused}
            await record.audit.note("imported", name="command line", details=what | counts)
            return sums


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One import at a time into a data folder."""
    from data_layer.database.process_locks import ProcessLock, is_held
    from study.errors import ImportFailed

    if is_held(folder, "import"):
        raise ImportFailed(
            "Another import is under way. Wait until it has ended, then give the command again."
        )
    lock = ProcessLock(folder, "import")
    with suppress(OSError):  # A system without such locks: ids that are reckoned keep two apart.
        lock.hold()
    try:
        yield
    finally:
        lock.let_go()


@contextmanager
def _bar() -> "Iterator[Progress | None]":
    """A bar by what was read, with how much went in; none where nobody sees it."""
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    if not screen.is_terminal:
        yield None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=screen) as bar:
        task = bar.add_task("importing", total=None)

        def show(sums: "ImportSums", far: "HowFar") -> None:
            words = f"{sums.threads:,} conversations, {sums.messages:,} messages"
            bar.update(task, description=words, completed=far.done, total=far.total)

        yield show


def _say(sums: "ImportSums", told: "Remarks", dry_run: bool) -> None:
    from imports.summary import remarks_table, sums_table

    screen.print(sums_table(sums, dry=dry_run))
    remarks = remarks_table(told)
    if remarks is not None:
        screen.print(remarks)
    if told.made is not None:
        screen.print(f"All of it, by line: {told.made}", markup=False)
    if dry_run:
        screen.print("Nothing was written.", style="green")
    elif sums.threads:
        screen.print(
            "Imported conversations are marked as such, and left out of the overview's figures.",
            style="green",
        )
