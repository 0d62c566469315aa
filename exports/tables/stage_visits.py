"""The table `stage_visits`: the pages of the protocol that participants stood at."""

from data_layer.database import schema
from exports.columns.column import Column
from exports.columns.field import Kind
from exports.columns.scope import Scope
from exports.columns.shared import attempt, key, participant_of, stage_id, time, visit
from exports.columns.table import ExportTable, Extract, until_closed
from exports.tables.participants import in_scope
from study.protocol.machine import VisitOutcome
from study.protocol.stages import StageKind

visits = schema.stage_visits

COLUMNS = (
    key("visit_id", "The visit.", visits.c.visit_id),
    participant_of(visits, "Who stood there."),
    stage_id(visits),
    Column(
        "kind",
        Kind.TEXT,
        "What the stage is.",
        value=visits.c.kind,
        levels=tuple(one.value for one in StageKind),
        required=True,
        repeats=True,
    ),
    visit(visits),
    attempt(visits),
    time("entered_at", "When they came to it.", visits.c.entered_at, required=True),
    time("left_at", "When they left it; missing while they stand there.", visits.c.left_at),
    Column(
        "outcome",
        Kind.TEXT,
        "How it was left: passed, tried again after wrong answers, begun anew after having been away, or "
        "taking part ended with it.",
        value=visits.c.outcome,
        levels=tuple(one.value for one in VisitOutcome),
        repeats=True,
    ),
    Column(
        "ending",
        Kind.TEXT,
        "How taking part ended with it; else missing.",
        value=visits.c.ending,
        repeats=True,
    ),
    Column(
        "shown",
        Kind.JSON,
        "A JSON object of a survey or a quiz as it was shown: items in their order with their words, options "
        "and codes, and its language; missing where nothing was asked.",
        value=visits.c.shown,
    ),
)


def extract(scope: Scope) -> Extract:
    """The visits of the exported participants."""
    return Extract(
        source=visits,
        where=in_scope(scope, visits.c.participant_id),
        order=(visits.c.participant_id, visits.c.visit, visits.c.visit_id),
        touched=until_closed(visits.c.left_at),
        moved=(visits.c.entered_at,),
        fixed=frozenset(one.name for one in COLUMNS) - {"left_at", "outcome", "ending"},
        follows="participant_id",
    )


TABLE = ExportTable(
    name="stage_visits",
    description="Pages of the study's protocol that participants stood at; one row a visit.",
    columns=COLUMNS,
    key=("visit_id",),
    extract=extract,
)
