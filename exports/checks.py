"""Whether what an export is asked for is there at all."""

from collections.abc import Mapping

from sqlalchemy import select

from data_layer.database import schema
from exports.formats.registry import FORMATS_BY_NAME
from exports.options import ExportOptions
from exports.rows.snapshot import Snapshot
from study.errors import ExportError


def check_rows(options: ExportOptions, rows: Mapping[str, int]) -> None:
    """Refuse a table that has more rows than a format holds: none is left out in silence.

    Args:
        options: Of the export.
        rows: How many each table has, by its name.

    Raises:
        ExportError: A table is too long.
    """
    for name in options.formats:
        most = FORMATS_BY_NAME[name].most_rows
        for table, number in rows.items():
            if most is not None and number > most:
                raise ExportError(
                    f"--format {name}: the table {table} has {number:,} rows, and such a file holds "
                    f"{most:,}. Choose csv or parquet, or fewer threads, as by --since and --until."
                )


def check_options(snapshot: Snapshot, options: ExportOptions) -> None:
    """Refuse names that nobody bears: an empty export would look like an answer.

    Raises:
        ExportError: There is no such participant or agent.
    """
    if options.participant is not None:
        table = schema.participants
        asked = select(table.c.participant_id).where(table.c.participant_id == options.participant)
        if not snapshot.all(asked):
            raise ExportError(
                f"--participant: there is no participant {options.participant!r}. Take a pseudonym from the "
                "column participant_id of an exported participants table; names are not known here."
            )
    if options.agent is not None:
        known = sorted(row[0] for row in snapshot.all(select(schema.threads.c.agent).distinct()) if row[0])
        if options.agent not in known:
            there = ", ".join(repr(name) for name in known) or "none, for there are no threads yet"
            raise ExportError(
                f"--agent: no thread has the agent {options.agent!r}. There are: {there}. "
                f"Write it like: --agent {repr(known[0]) if known else 'ELIZA'}"
            )


def check_partitioned(options: ExportOptions) -> None:
    """Refuse formats that are no folder of files to the programs that read tables in place.

    Raises:
        ExportError: Another format than Parquet was asked for.
    """
    if options.formats != ("parquet",):
        others = " and ".join(name for name in options.formats if name != "parquet")
        raise ExportError(
            f"--partitions: tables are cut as Parquet alone, not as {others}. Leave --format out, or write "
            "the other formats to a folder of their own without --partitions."
        )


def refuse_beside_update(options: ExportOptions, partitions: int | None) -> None:
    """Refuse to change what an export holds while it is brought up to date.

    Raises:
        ExportError: Anything was asked for.
    """
    if options != ExportOptions() or partitions is not None:
        raise ExportError(
            "--update: what is exported, and how it is cut, stays as it was when the export was made. Leave "
            "the other options out, or export to a new folder."
        )
