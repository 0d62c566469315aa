"""The table `identities`: who participants are, only when asked for."""

from data_layer.database import schema
from data_layer.people.claims import KEYS
from exports.columns.column import Column
from exports.columns.field import Kind
from exports.columns.scope import Scope
from exports.columns.shared import key, participant_id, study_id, time
from exports.columns.table import ExportTable, Extract
from exports.tables.participants import in_scope

identities = schema.identities

COLUMNS = (
    key("identity_id", "The identity.", identities.c.identity_id),
    participant_id(identities, "Whose identity it is."),
    study_id(identities),
    Column(
        "kind",
        Kind.TEXT,
        "What it is, such as user_name.",
        value=identities.c.kind,
        required=True,
        repeats=True,
    ),
    Column("value", Kind.TEXT, "The name or id, as it was typed.", value=identities.c.value, required=True),
    time("created_at", "When it was first given.", identities.c.created_at, required=True),
)


def extract(scope: Scope) -> Extract:
    """Who the exported participants are, without what opens their conversations: no code, no browser."""
    keyless = (identities.c.kind != kind for kind in sorted(KEYS))
    return Extract(
        source=identities,
        where=(*keyless, *in_scope(scope, identities.c.participant_id)),
        order=(identities.c.identity_id,),
        touched=(),
        moved=(identities.c.created_at,),
        follows="participant_id" if scope.filtered else None,
    )


TABLE = ExportTable(
    name="identities",
    description="Who participants are; one row a name or id. Only with --include-identities.",
    columns=COLUMNS,
    key=("identity_id",),
    extract=extract,
    personal=True,
)
