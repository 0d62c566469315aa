"""The audit log's chain: each line's hash covers the line and the hash before it.

As in Haber and Stornetta, "How to time-stamp a digital document" (1991), section 5.1: who changes a line, or
takes one out, has to change all that follow; who keeps the newest hash elsewhere knows of that too.
"""

import hashlib
import json
from collections.abc import Sequence
from typing import Final

from sqlalchemy import insert, select, text
from sqlalchemy.engine import Connection

from data_layer.database import schema
from data_layer.database.advisory_lock import AdvisoryLock
from data_layer.database.rows import Row
from data_layer.database.types import iso
from data_layer.writing.people_writes import AppendAudit
from study.text import storable, storable_json

# The hash before the first line.
BEGINNING: Final = "0" * 64

# Two processes must not append behind the same line. A write takes SQLite's one lock, also one that changes
# nothing; PostgreSQL gives one for a number of ours, until the transaction ends.
_ALONE: Final = {
    "sqlite": text("UPDATE audit_log SET position = position WHERE position < 0"),
    "postgresql": text(f"SELECT pg_advisory_xact_lock({AdvisoryLock.AUDIT_CHAIN})"),
}


def append(connection: Connection, lines: Sequence[AppendAudit]) -> None:
    """Append lines, in order, in the transaction that is open."""
    connection.execute(_ALONE[connection.dialect.name])
    table = schema.audit_log
    last = connection.execute(
        select(table.c.position, table.c.hash).order_by(table.c.position.desc()).limit(1)
    ).first()
    position, previous = (last[0], last[1]) if last else (0, BEGINNING)
    rows: list[Row] = []
    for line in lines:
        position += 1
        row = row_of(position, line, previous)
        rows.append(row)
        previous = row["hash"]
    connection.execute(insert(table), rows)


def row_of(position: int, line: AppendAudit, previous: str) -> Row:
    """A line as it is kept."""
    row: Row = {
        "position": position,
        # To the millisecond, as the record keeps it: the hash is taken of what will be read again.
        "at": line.at.replace(microsecond=line.at.microsecond // 1000 * 1000),
        "researcher_id": line.researcher_id,
        "name": storable(line.name),
        "action": line.action,
        "target": None if line.target is None else storable(line.target),
        "details": None if line.details is None else storable_json(line.details),
        "previous_hash": previous,
    }
    return row | {"hash": chain_hash(row)}


def chain_hash(row: Row) -> str:
    """SHA-256 over a line and the hash before it, as canonical JSON."""
    told = [
        row["position"],
        iso(row["at"]),
        row["researcher_id"],
        row["name"],
        row["action"],
        row["target"],
        row["details"],
        row["previous_hash"],
    ]
    content = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(content.encode()).hexdigest()
