"""Ledgers as an export holds them, for a replay."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from exports.columns.derived import ReadColumns
from exports.rows.iso import raw_values
from exports.tables import assignments, ledgers
from study.assignment import AssignmentPlan, LedgerRow, plan_from_json

# In the order of LedgerRow.
_ROW: Final = (
    "ledger_row",
    "event",
    "place_id",
    "condition",
    "participant_id",
    "reason",
    "inputs",
    "draw",
)


@dataclass(frozen=True)
class KeptLedger:
    """A ledger.

    Args:
        ledger_id: Which.
        study_id: Whose.
        plan: What its places follow from, beside the seed.
        seed_hash: Of the seed.
        rows: All of it.
    """

    ledger_id: str
    study_id: str
    plan: AssignmentPlan
    seed_hash: str
    rows: tuple[LedgerRow, ...]


def kept_ledgers(read: Mapping[str, ReadColumns]) -> list[KeptLedger]:
    """Read the ledgers of an export.

    Args:
        read: Reads some columns of `ledgers` and `assignments`.

    Raises:
        ValueError: A plan, or what a row was made from, is not what a ledger holds.
        KeyError: Likewise.
        TypeError: Likewise.
    """
    rows: dict[str, list[LedgerRow]] = {}
    names = ("ledger_id", *_ROW)
    for batch in read["assignments"](tuple(assignments.TABLE.column(name) for name in names)):
        for cells in zip(*raw_values(batch), strict=True):
            ledger_id, seq, event, place_id, condition, who, reason, inputs, draw = cells
            row = LedgerRow(seq, event, place_id, condition, who, reason, json.loads(inputs), draw)
            rows.setdefault(ledger_id, []).append(row)
    found = []
    for batch in read["ledgers"](
        tuple(ledgers.TABLE.column(name) for name in ("ledger_id", "study_id", "plan", "seed_hash"))
    ):
        for ledger_id, study_id, plan, seed_hash in zip(*raw_values(batch), strict=True):
            of = tuple(rows.get(ledger_id, ()))
            found.append(KeptLedger(ledger_id, study_id, plan_from_json(json.loads(plan)), seed_hash, of))
    return found
