"""The table `endings`: how taking part ended, where, and whether the code was shown."""

from dataclasses import replace

from sqlalchemy import case

from data_layer.database import schema
from exports.columns.column import Column
from exports.columns.field import Kind
from exports.columns.scope import Scope
from exports.columns.shared import participant_key, time
from exports.columns.table import ExportTable, Extract
from exports.tables import participations as standing
from exports.tables.participants import in_scope

participations = schema.participations

COLUMNS = (
    participant_key(participations, "The participant."),
    replace(standing.TABLE.column("ending"), description="How, by the name in the study file."),
    replace(standing.TABLE.column("stage_id"), description="The stage that it ended in."),
    time("ended_at", "When.", participations.c.ended_at),
    standing.TABLE.column("usable"),
    standing.TABLE.column("why_not"),
    Column(
        "code_name",
        Kind.TEXT,
        "The name of the code that they were shown, which is that of the ending; missing "
        "where none left the server. The code itself is never exported.",
        value=case((participations.c.code_shown_at.is_not(None), participations.c.ending)),
        repeats=True,
    ),
    time("code_shown_at", "When that code first left the server.", participations.c.code_shown_at),
)


def extract(scope: Scope) -> Extract:
    """Of the exported participants those whose taking part has ended."""
    return Extract(
        source=participations,
        where=(*in_scope(scope, participations.c.participant_id), participations.c.ending.is_not(None)),
        order=(participations.c.participant_id,),
        touched=(participations.c.ended_at, participations.c.code_shown_at),
        moved=(participations.c.ended_at,),
        fixed=frozenset({"participant_id"}),
        follows="participant_id",
    )


TABLE = ExportTable(
    name="endings",
    description="How taking part in the study's protocol ended; one row a participant whose has.",
    columns=COLUMNS,
    key=("participant_id",),
    extract=extract,
)
