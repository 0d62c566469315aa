"""Tables that come of others of the same export: proved by making them once more of those."""

from collections.abc import Mapping, Sequence

from exports.columns.derived import DerivedTable, ReadColumns
from exports.columns.table import ExportTable
from exports.documents.manifest import PartitionedTable, TableEntry
from exports.partitions.buckets import Buckets
from exports.progress import Silent
from exports.rows.digest import Digest
from exports.verify.buckets import differing
from exports.verify.difference import Difference, Finding
from exports.verify.files import UNREADABLE


def made_again(
    table: ExportTable, names: Sequence[str], read: Mapping[str, ReadColumns]
) -> tuple[DerivedTable | None, list[Difference]]:
    """Make a table once more of those that it comes of.

    Args:
        table: Which.
        names: The columns that the export says it has.
        read: Reads the tables that it comes of, as they stand in the export.

    Returns:
        The table, and what is wrong with it; None where it cannot be looked into.
    """
    if missing := [name for name in table.comes_of if name not in read]:
        detail = f"it comes of {' and '.join(missing)}, of which the export has no rows that can be trusted"
        return None, [Difference(Finding.ROWS_CHANGED, table.name, detail)]
    assert table.derive is not None
    try:
        made = table.derive(read)
    except UNREADABLE as error:
        return None, [Difference(Finding.ROWS_CHANGED, table.name, f"it cannot be made again: {error!r}")]
    if list(names) != [column.name for column in made.table.columns]:
        detail = f"its columns are not those that {' and '.join(table.comes_of)} come to"
        return None, [Difference(Finding.ROWS_CHANGED, table.name, detail)]
    return made, []


def same_rows(
    made: DerivedTable, entry: TableEntry | PartitionedTable, buckets: Buckets | None = None
) -> list[Difference]:
    """Compare what the manifest says of its rows with those that the others come to.

    Args:
        made: The table as it comes of the others.
        entry: What the manifest says.
        buckets: Of an export whose tables are cut.
    """
    try:
        if buckets is not None and isinstance(entry, PartitionedTable):
            wrong = differing(made.rows(), made.table.columns, buckets, entry, Silent())
            names = ", ".join(buckets.folder(one) for one in wrong)
            detail = f"its rows in {names} are not those that {' and '.join(made.table.comes_of)} come to"
            return [Difference(Finding.ROWS_CHANGED, made.table.name, detail)] if wrong else []
        digest = Digest(made.table.columns)
        for batch in made.rows():
            digest.add(batch)
    except UNREADABLE as error:
        return [Difference(Finding.ROWS_CHANGED, made.table.name, f"it cannot be made again: {error!r}")]
    if (digest.rows, digest.hexdigest()) == (entry.rows, entry.digest):
        return []
    detail = f"its rows are not those that {' and '.join(made.table.comes_of)} come to"
    return [Difference(Finding.ROWS_CHANGED, made.table.name, detail)]
