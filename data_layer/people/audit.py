"""The audit log: who read, searched, exported and restored what, and the proof that it is whole."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select

from data_layer.database import schema
from data_layer.database.engine import Database
from data_layer.database.rows import Row
from data_layer.writing import audit_chain
from data_layer.writing.people_writes import AppendAudit
from data_layer.writing.store import Store
from study.errors import DatabaseError

PAGE: Final = 100
_CHUNK: Final = 5_000


@dataclass(frozen=True)
class ChainProof:
    """What a look through the whole log has shown.

    Args:
        lines: How many there are.
        newest: The hash of the last; who keeps it elsewhere can prove later that none was cut off.
        wrong: What does not fit, a sentence each; empty when the log is whole.
    """

    lines: int
    newest: str
    wrong: tuple[str, ...]


class Audit:
    """Appends to the log, and reads it.

    Args:
        store: Read from, and written through.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    async def note(
        self,
        action: str,
        *,
        name: str,
        researcher_id: str | None = None,
        target: str | None = None,
        details: Row | None = None,
    ) -> None:
        """Append a line, durably: what it tells of may happen after that.

        Raises:
            DatabaseError: It could not be written.
        """
        line = AppendAudit(self._store.clock(), name, action, researcher_id, target, details)
        outcome = await self._store.writer.submit(line)
        if outcome.refused:
            raise DatabaseError(
                "The audit log cannot be written, so nothing is shown. See the server's log for the cause."
            )

    async def newest(self, before: int | None = None) -> list[Row]:
        """A page of the log, the newest line first.

        Args:
            before: Only lines before this position.
        """
        table = schema.audit_log
        query = select(table).order_by(table.c.position.desc()).limit(PAGE)
        if before is not None:
            query = query.where(table.c.position < before)
        return await self._store.rows(query)

    async def has(self, action: str, researcher_id: str) -> bool:
        """Whether a researcher has ever done something."""
        table = schema.audit_log
        done = (table.c.action == action, table.c.researcher_id == researcher_id)
        return await self._store.first(select(table.c.position).where(*done).limit(1)) is not None


async def prove_chain(database: Database, expected: str | None = None) -> ChainProof:
    """Compute every hash anew, from the first line to the last.

    Args:
        database: Where the log is.
        expected: A hash that was the newest once; without it a log whose end was cut off looks whole.
    """
    held = expected is None
    wrong: list[str] = []
    previous, position = audit_chain.BEGINNING, 0
    async for row in _all(database):
        if row["position"] != position + 1:
            wrong.append(f"Between line {position} and line {row['position']} lines are missing.")
        elif row["previous_hash"] != previous:
            wrong.append(f"Line {row['position']} does not follow the line before it.")
        if audit_chain.chain_hash(row) != row["hash"]:
            wrong.append(f"Line {row['position']} was changed after it was written.")
        position, previous = row["position"], row["hash"]
        held = held or row["hash"] == expected
    if not held:
        wrong.append("No line has the hash that was expected: the end of the log was cut off or changed.")
    return ChainProof(position, previous, tuple(wrong))


async def _all(database: Database) -> AsyncIterator[Row]:
    table = schema.audit_log
    last = 0
    async with database.engine.connect() as connection:
        while True:
            query = select(table).where(table.c.position > last).order_by(table.c.position).limit(_CHUNK)
            rows = [dict(row) for row in (await connection.execute(query)).mappings()]
            for row in rows:
                yield row
            if len(rows) < _CHUNK:
                return
            last = rows[-1]["position"]
