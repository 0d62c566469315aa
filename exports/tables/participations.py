"""The table `participations`: where each participant stands in the study's protocol, and how it ended."""

from data_layer.database import schema
from exports.columns.column import Column
from exports.columns.field import Kind
from exports.columns.scope import Scope
from exports.columns.shared import participant_key, study_id, time
from exports.columns.table import ExportTable, Extract
from exports.tables.participants import in_scope

participations = schema.participations

COLUMNS = (
    participant_key(participations, "The participant."),
    study_id(participations),
    Column(
        "study_fingerprint",
        Kind.TEXT,
        "SHA-256 of the study file and its texts as they were when this participant began.",
        value=participations.c.study_fingerprint,
        required=True,
        repeats=True,
    ),
    Column(
        "condition",
        Kind.TEXT,
        "The condition that they were assigned to; missing before, and where the study has none.",
        value=participations.c.condition,
        repeats=True,
    ),
    Column(
        "stage_id",
        Kind.TEXT,
        "The stage that they stand in; after the end the last one that they came to.",
        value=participations.c.stage_id,
        required=True,
        repeats=True,
    ),
    Column(
        "ending",
        Kind.TEXT,
        "How taking part ended, by the ending's name in the study file; missing while it goes on.",
        value=participations.c.ending,
        repeats=True,
    ),
    Column(
        "usable",
        Kind.BOOLEAN,
        "Whether they count by the study's rule for usable; missing before the end.",
        value=participations.c.usable,
    ),
    Column(
        "why_not",
        Kind.TEXT,
        "Why they are not usable, in plain words; missing where they are.",
        value=participations.c.why_not,
        repeats=True,
    ),
    Column(
        "attention_failed",
        Kind.INTEGER,
        "How many checks of attention they failed.",
        value=participations.c.attention_failed,
        required=True,
    ),
    time("began_at", "When they came to the first stage.", participations.c.began_at, required=True),
    time("ended_at", "When taking part ended; missing while it goes on.", participations.c.ended_at),
    time(
        "code_shown_at",
        "When the code of the ending first left the server; the code itself is never exported.",
        participations.c.code_shown_at,
    ),
)


def extract(scope: Scope) -> Extract:
    """Of the exported participants those who have begun."""
    return Extract(
        source=participations,
        where=in_scope(scope, participations.c.participant_id),
        order=(participations.c.participant_id,),
        touched=(participations.c.entered_at, participations.c.ended_at, participations.c.code_shown_at),
        moved=(participations.c.began_at,),
        fixed=frozenset({"participant_id", "study_id", "study_fingerprint", "began_at"}),
        follows="participant_id",
    )


TABLE = ExportTable(
    name="participations",
    description="Where participants stand in the study's protocol, and how taking part ended; one row a "
    "participant who has begun.",
    columns=COLUMNS,
    key=("participant_id",),
    extract=extract,
)
