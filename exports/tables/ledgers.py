"""The table `ledgers`: the plans that participants are assigned by, each with the hash of its seed."""

from data_layer.database import schema
from exports.columns.column import Column
from exports.columns.field import Kind
from exports.columns.scope import Scope
from exports.columns.shared import study_id, time
from exports.columns.table import ExportTable, Extract

ledgers = schema.ledgers
seeds = schema.seeds

COLUMNS = (
    Column(
        "ledger_id",
        Kind.TEXT,
        "The ledger: SHA-256 of the study's id, the plan and the seed's hash.",
        value=ledgers.c.ledger_id,
        required=True,
    ),
    study_id(ledgers),
    Column(
        "plan",
        Kind.JSON,
        "A JSON object: method, conditions with their weights, lengths of blocks, strata, target.",
        value=ledgers.c.plan,
        required=True,
    ),
    Column(
        "seed_hash",
        Kind.TEXT,
        "SHA-256 of the seed. The seed itself is in the folder `assignment` of an export that was made after "
        "the study had ended.",
        value=seeds.c.seed_hash,
        required=True,
    ),
    Column(
        "is_sealed",
        Kind.BOOLEAN,
        "Whether the server drew the seed and keeps it until the study has ended; else it stands in the "
        "study file.",
        value=seeds.c.sealed,
        required=True,
    ),
    time("created_at", "When it was begun.", ledgers.c.created_at, required=True),
)


def extract(scope: Scope) -> Extract:
    """Every ledger, whichever threads are chosen."""
    return Extract(
        source=ledgers.join(seeds, seeds.c.seed_id == ledgers.c.seed_id),
        where=(),
        order=(ledgers.c.ledger_id,),
        touched=(),
        moved=(ledgers.c.created_at,),
        follows=None,
    )


TABLE = ExportTable(
    name="ledgers",
    description="Plans of assignments, each with the hash of its seed; one row a plan: one that was "
    "changed has begun another.",
    columns=COLUMNS,
    key=("ledger_id",),
    extract=extract,
)
