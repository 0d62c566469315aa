"""The nightly export: made and listed as any other, found by its date, gone after so many nights."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from data_layer.database.rows import Row
from data_layer.record import Record
from study.errors import DatabaseError, ExportError
from study.vocabulary import ExportState
from web.exporting.runner import Exporting

NAME: Final = "nightly export"
LATEST: Final = "latest"
_WHO: Final = "command line"


@dataclass(frozen=True)
class Night:
    """What was made.

    Args:
        export: Its row.
        folder: Where it is found: a link named by its date.
        dropped: How many older ones were deleted.
    """

    export: Row
    folder: Path
    dropped: int


async def make_nightly(record: Record, exporting: Exporting, options: Row, keep: int) -> Night:
    """Make one, and delete those that are older than the `keep` newest.

    Args:
        record: Whose.
        exporting: Makes it.
        options: As web/exporting/process.py reads them.
        keep: How many stay, this one among them. Nothing is deleted when this one fails.

    Raises:
        ExportError: It could not be made.
        DatabaseError: The database does not answer.
    """
    export_id = await exporting.begin(None, NAME, options)
    if await record.exports_made.one(export_id) is None:
        raise DatabaseError(
            "The database did not take the line of the nightly export. See that it runs and is up to date "
            "(python cli.py migrate), and try again."
        )
    await record.audit.note("exported", name=_WHO, target=export_id, details=options)
    row = await exporting.finished(export_id)
    assert row is not None
    if row["state"] != ExportState.DONE.value:
        raise ExportError(f"The nightly export failed: {row['problem']}")
    made = await record.exports_made.nightly()
    for old in made[keep:]:
        await record.audit.note("export_deleted", name=_WHO, target=old["export_id"])
        await exporting.delete(old["export_id"])
    folder = exporting.folder_of(export_id)
    links = folder.parent / "nightly"
    _link(links, made[:keep])
    return Night(row, links / _date(row), len(made[keep:]))


def _link(links: Path, made: list[Row]) -> None:
    """One link a night, to its newest export, and one to the newest of all; others go.

    Links and no copies: whoever erases an export leaves nothing of it behind here.
    """
    links.mkdir(mode=0o700, exist_ok=True)
    wanted = {_date(row): row["export_id"] for row in reversed(made)}
    wanted[LATEST] = made[0]["export_id"]
    for path in links.iterdir():
        if path.is_symlink() and path.name not in wanted:
            path.unlink()
    for name, export_id in wanted.items():
        new = links / f".{name}.new"
        new.unlink(missing_ok=True)
        new.symlink_to(Path("..") / export_id)
        new.replace(links / name)


def _date(row: Row) -> str:
    return f"{row['created_at']:%Y-%m-%d}"
