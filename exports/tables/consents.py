"""The table `consents`: what participants agreed to, or refused."""

from data_layer.database import schema
from exports.columns.column import Column
from exports.columns.field import Kind
from exports.columns.scope import Scope
from exports.columns.shared import key, participant_of, stage_id, time
from exports.columns.table import ExportTable, Extract
from exports.tables.participants import in_scope

consents = schema.consents

COLUMNS = (
    key("consent_id", "The decision.", consents.c.consent_id),
    participant_of(consents, "Who decided."),
    stage_id(consents),
    Column(
        "version",
        Kind.TEXT,
        "The version of the text, as the study file names it.",
        value=consents.c.version,
        required=True,
        repeats=True,
    ),
    Column(
        "text_hash",
        Kind.TEXT,
        "SHA-256 of the very words that were shown.",
        value=consents.c.text_hash,
        references=("consent_texts.text_hash",),
        required=True,
        repeats=True,
    ),
    Column(
        "language",
        Kind.TEXT,
        "The language of the page.",
        value=consents.c.language,
        required=True,
        repeats=True,
    ),
    Column(
        "decision",
        Kind.TEXT,
        "What was decided.",
        value=consents.c.decision,
        levels=("agreed", "refused"),
        required=True,
        repeats=True,
    ),
    Column(
        "boxes",
        Kind.JSON,
        "A JSON object of the boxes by name: true where it was ticked.",
        value=consents.c.boxes,
        required=True,
        repeats=True,
    ),
    time("shown_at", "When the text was shown.", consents.c.shown_at, required=True),
    time("decided_at", "When it was decided.", consents.c.decided_at, required=True),
)


def extract(scope: Scope) -> Extract:
    """The decisions of the exported participants."""
    return Extract(
        source=consents,
        where=in_scope(scope, consents.c.participant_id),
        order=(consents.c.participant_id, consents.c.consent_id),
        touched=(),
        moved=(consents.c.decided_at,),
        follows="participant_id",
    )


TABLE = ExportTable(
    name="consents",
    description="What participants agreed to, or refused; one row a decision.",
    columns=COLUMNS,
    key=("consent_id",),
    extract=extract,
)
