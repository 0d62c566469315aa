"""`python -m exports OUT` and `python -m exports verify OUT`."""

import base64
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from typer.core import TyperGroup

from exports.asking import asking
from study.errors import ExportError, StudyError
from study.file_text import MARK

if TYPE_CHECKING:
    from exports.documents.manifest import Manifest
    from exports.options import ExportOptions

    # Read after the database's address: both may come over standard input.
    Asked = Callable[[], ExportOptions]

screen = Console(stderr=True, soft_wrap=True, highlight=False)


class _ExportByDefault(TyperGroup):
    """`OUT` alone means `make OUT`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the command in where it is left out."""
        if not args:
            return super().parse_args(ctx, ["--help"])
        known = {*self.commands, "--help"}
        return super().parse_args(ctx, args if args[0] in known else ["make", *args])


cli = typer.Typer(
    cls=_ExportByDefault, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False
)
Database = Annotated[
    str | None,
    typer.Option(
        help="The database's address, where it is not the one of the settings; - reads it.",
        show_default=False,
    ),
]


@cli.callback()
def main() -> None:
    """Write a study as tables: python -m exports OUT. Its options: python -m exports make --help."""


@cli.command()
@asking
def make(
    asked: "Asked",
    out: Annotated[Path, typer.Argument(help="A folder that is not there yet, or empty.")],
    progress_lines: Annotated[
        bool, typer.Option("--progress-lines", help="Say on standard output how far it is, for a program.")
    ] = False,
    partitions: Annotated[
        int | None,
        typer.Option(
            help="Cut tables into so many buckets by thread, 1 to 256: folders of Parquet for large studies.",
            show_default=False,
        ),
    ] = None,
    update: Annotated[
        bool,
        typer.Option("--update", help="Bring an export that was cut up to date; what is the same stays."),
    ] = False,
    workers: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=64,
            help="How many processes write; one for a small study, otherwise one a core.",
            show_default=False,
        ),
    ] = None,
    database: Database = None,
) -> None:
    """Write tables, codebook and manifest to a new folder. This is what `python -m exports OUT` does."""
    from exports.checks import refuse_beside_update
    from exports.crew import workers_for
    from exports.make import export
    from exports.make import update as bring_up_to_date

    with _for_people(), _bar(progress_lines) as progress:
        url = _url(database)
        options = asked()
        # A program that listens, as the researchers' room does, leaves the other cores to participants.
        count = workers or (1 if progress_lines else workers_for(url))
        if update:
            refuse_beside_update(options, partitions)
            manifest: Manifest = bring_up_to_date(url, out, progress=progress, workers=count)
        else:
            manifest = export(
                url, out, options=options, progress=progress, partitions=partitions, workers=count
            )
    rows = ", ".join(f"{table.rows:,} {table.name}" for table in manifest.all_tables)
    screen.print(f"{out}: {rows}.", markup=False)


@cli.command()
@asking
def preview(
    asked: "Asked",
    show: Annotated[str, typer.Option(help="The table whose first rows are shown.")] = "messages",
    rows: Annotated[int, typer.Option(min=0, max=1000, help="How many of them.")] = 10,
    database: Database = None,
) -> None:
    """Show the first rows of a table, and count those of each: JSON, a line each. Nothing is written."""
    from exports.preview import preview as look

    with _for_people():
        url = _url(database)
        for seen in look(url, asked(), show=show, rows=rows):
            # At once: somebody may be waiting for the first of them.
            sys.stdout.write(f"{json.dumps(seen, ensure_ascii=False)}\n")
            sys.stdout.flush()


@cli.command()
def tables(
    as_json: Annotated[bool, typer.Option("--json", help="For a program.")] = False,
) -> None:
    """List the tables of an export, each with what it holds."""
    from exports.registry import TABLES

    if as_json:
        keys = ("name", "description", "personal", "on_request")
        typer.echo(json.dumps([{key: getattr(table, key) for key in keys} for table in TABLES]))
        return
    for table in TABLES:
        typer.echo(f"{table.name:<13} {table.description}")


@cli.command()
def codes(
    path: Annotated[
        Path, typer.Argument(help="A file of codes, an export's folder, or its zip; - reads Base64.")
    ],
) -> None:
    """Show the codes of an export as CSV, as an import of a codebook reads them."""
    from exports.codes_file import codes_at, codes_in

    with _for_people():
        given = base64.b64decode(sys.stdin.buffer.read()) if str(path) == "-" else None
        sys.stdout.buffer.write(codes_at(path) if given is None else codes_in(given))


@cli.command()
def verify(
    out: Annotated[Path, typer.Argument(help="The folder of an export.")],
    database: Database = None,
    files_only: Annotated[
        bool, typer.Option("--files-only", help="Leave out the comparison with the database.")
    ] = False,
    bucket: Annotated[
        int | None,
        typer.Option(help="Only this bucket of an export that was cut by --partitions.", show_default=False),
    ] = None,
    lines: Annotated[
        bool,
        typer.Option(
            "--progress-lines",
            help="Say on standard output how far it is, at the end as JSON what was found, for a program.",
        ),
    ] = False,
) -> None:
    """Prove an export: its files against its manifest, its rows against the database.

    What has happened in the study since is told, and is no reason to distrust it: then this ends with 0.
    """
    from exports.verify.prove import prove

    with _for_people(), _bar(lines) as progress:
        proof = prove(out, None if files_only else _url(database), progress, bucket)
    if lines:
        sys.stdout.write(f"{json.dumps(proof.as_json(), ensure_ascii=False)}\n")
    for difference in (*proof.wrong, *proof.harmless):
        screen.print(str(difference), markup=False, style="red" if difference.wrong else "dim")
    screen.print(f"{out} {proof.sentence}", markup=False, style="red" if proof.wrong else "green")
    if proof.wrong:
        raise typer.Exit(ExportError.exit_code)


def _url(given: str | None) -> str:
    from study.masking import hold
    from study.secret_patterns import passwords_in

    if given == "-":
        # Out of the list of processes, where it would show its password.
        url = sys.stdin.readline().removeprefix(MARK).strip()
        hold(url)
        return url
    if given is not None:
        if any(passwords_in(given)):
            hold(given)
            raise ExportError(
                "An address with its password would stand in the list of processes, which every account of "
                "this machine reads. Set VERBATIM_DATABASE_URL, or write --database - and give it on "
                "standard input."
            )
        return given
    from settings import load_settings

    return load_settings().database_url


@contextmanager
def _for_people() -> Iterator[None]:
    """Show what a person can repair as its sentence, without a traceback."""
    try:
        yield
    except StudyError as error:
        screen.print(str(error), markup=False, style="red")
        raise typer.Exit(error.exit_code) from error


@contextmanager
def _bar(lines: bool) -> "Iterator[_Bar | _Lines | None]":
    """A progress bar, where somebody can see it; lines, where a program reads them."""
    if lines:
        yield _Lines()
        return
    if not sys.stderr.isatty():
        yield None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as RichProgress

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with RichProgress(*columns, console=screen) as bars:
        yield _Bar(bars)


class _Bar:
    """Shows how far an export is; exports/progress.py says what it hears."""

    def __init__(self, bars: Any) -> None:
        self._bars = bars
        self._task: Any = None

    def stage(self, words: str) -> None:
        """Stands above the lines of the tables."""
        self._bars.console.print(f"{words} …", markup=False)

    def plan(self, rows: int) -> None:
        """Each table has a line of its own."""

    def begin(self, table: str, rows: int) -> None:
        """A line for the table."""
        self._task = self._bars.add_task(table, total=rows)

    def advance(self, rows: int) -> None:
        """So many rows more."""
        self._bars.advance(self._task, rows)


class _Lines:
    """Tells a program how far an export is: `table rows-so-far rows-in-all`, a line each, of all tables."""

    def __init__(self) -> None:
        self._table, self._done, self._all = "", 0, 0

    def stage(self, words: str) -> None:
        """A line of its own."""
        sys.stdout.write(f"= {words}\n")
        sys.stdout.flush()

    def plan(self, rows: int) -> None:
        """What each line ends with."""
        self._all = rows

    def begin(self, table: str, rows: int) -> None:
        """The table's first line."""
        self._table = table
        self._say()

    def advance(self, rows: int) -> None:
        """So many rows more."""
        self._done += rows
        self._say()

    def _say(self) -> None:
        sys.stdout.write(f"{self._table} {self._done} {self._all}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    from privacy import keep_private

    keep_private()
    cli()
