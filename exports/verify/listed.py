"""The list of the threads that were looked for, as it stands in an export."""

from sqlalchemy import select

from data_layer.database import schema
from exports.choosing import CHOSEN_NAME
from exports.columns.scope import among
from exports.rows.snapshot import Snapshot
from exports.verify.difference import Difference, Finding, ids_to_name


def never_there(snapshot: Snapshot, listed: tuple[str, ...] | None) -> list[Difference]:
    """Listed threads that the database has never had: of one that was withdrawn the line stays."""
    if not listed:
        return []
    column = schema.threads.c.thread_id
    there = {row[0] for row in snapshot.all(select(column).where(among(column, listed)))}
    lost = [one for one in listed if one not in there]
    detail = f"{len(lost):,} of its threads were never in the database"
    return (
        [Difference(Finding.NOT_IN_DATABASE, CHOSEN_NAME, detail, len(lost), ids_to_name(lost))]
        if lost
        else []
    )
