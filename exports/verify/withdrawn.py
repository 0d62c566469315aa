"""Rows of an export whose participant has withdrawn since, or refused: the database has them no more."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import select

from data_layer.database import schema
from exports.columns.table import ExportTable
from exports.rows.snapshot import Snapshot
from study.vocabulary import ThreadState

# Whose rows say who somebody is, and what the decision is called that takes them away: as stages/consent/
# handler.py writes it.
_WHO: Final = "identities"
_REFUSED: Final = "refused"


@dataclass(frozen=True)
class Withdrawn:
    """Who has withdrawn since a moment.

    Args:
        participants: Their pseudonyms.
        threads: What were their threads.
        refused: Who has refused the consent instead: what says who they are is gone, and no more.
    """

    participants: frozenset[str]
    threads: frozenset[str]
    refused: frozenset[str] = frozenset()

    def keys(self, table: ExportTable, rows: Iterable[pa.RecordBatch]) -> frozenset[str]:
        """The keys of a table's exported rows that are theirs.

        A prompt names nobody. One that the database has no more was erased with the last call that was
        asked with it, for nothing else erases any: where a row names nobody, all are taken for theirs.
        """
        whose = self.participants | (self.refused if table.name == _WHO else frozenset())
        if not whose:
            return frozenset()
        return frozenset(key for batch in rows for key in self._keys(table, batch, whose))

    def _keys(self, table: ExportTable, batch: pa.RecordBatch, whose: frozenset[str]) -> list[str]:
        names = [name.cast(pa.string()) for name in (batch.column(one) for one in table.key)]
        keys = pc.binary_join_element_wise(*names, "/")
        asked = [
            pc.is_in(batch.column(name).cast(pa.string()), value_set=pa.array(sorted(ids), pa.string()))
            for name, ids in (("participant_id", whose), ("thread_id", self.threads))
            if name in batch.schema.names
        ]
        if asked:
            keys = keys.filter(pc.or_(*asked) if len(asked) > 1 else asked[0])
        found: list[str] = keys.to_pylist()
        return found


def withdrawn_since(snapshot: Snapshot, moment: datetime) -> Withdrawn:
    """Who has withdrawn since a moment, as a snapshot of the database says."""
    gone, threads, consents = schema.withdrawals, schema.threads, schema.consents
    no = select(consents.c.participant_id).where(consents.c.decision == _REFUSED)
    refused = frozenset(row[0] for row in snapshot.all(no.where(consents.c.decided_at >= moment)))
    participants = snapshot.all(select(gone.c.participant_id).where(gone.c.withdrawn_at >= moment))
    if not participants:
        return Withdrawn(frozenset(), frozenset(), refused)
    emptied = select(threads.c.thread_id).where(threads.c.state == ThreadState.WITHDRAWN.value)
    ids = frozenset(row[0] for row in snapshot.all(emptied))
    return Withdrawn(frozenset(row[0] for row in participants), ids, refused)
