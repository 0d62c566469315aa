"""Columns that keep what somebody else said of a failure, or of an answer: no secret gets into them.

A column is one of these where its table says so (`info=FOREIGN`). The words of participants and agents
are none: they are kept as they are.
"""

from dataclasses import replace
from typing import Any, Final

from data_layer.database import schema
from data_layer.database.rows import Row
from data_layer.database.tables.parts import FOREIGN
from data_layer.writing.writes import InsertRow, PatchRow, Write
from study.masking import masked_json

COLUMNS: Final[dict[str, frozenset[str]]] = {
    table.name: names
    for table in schema.metadata.tables.values()
    if (names := frozenset(column.name for column in table.columns if FOREIGN.items() <= column.info.items()))
}


def without_secrets(write: Write) -> Write:
    """The same write, with every secret out of what others said."""
    if not isinstance(write, InsertRow | PatchRow) or (names := COLUMNS.get(write.table)) is None:
        return write
    row = write.row if isinstance(write, InsertRow) else write.changes
    changed = _masked(row, names)
    if not changed:
        return write
    if isinstance(write, InsertRow):
        return replace(write, row=row | changed)
    return replace(write, changes=row | changed)


def _masked(row: Row, names: frozenset[str]) -> Row:
    """What reads otherwise without its secrets."""
    given: dict[str, Any] = {name: row[name] for name in names & row.keys() if row[name] is not None}
    return {name: said for name, value in given.items() if (said := masked_json(value)) != value}
