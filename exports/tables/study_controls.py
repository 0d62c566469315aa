"""The table `study_controls`: when the study was opened, paused and ended."""

from data_layer.database import schema
from exports.columns.column import Column
from exports.columns.field import Kind
from exports.columns.scope import Scope
from exports.columns.shared import key, study_id, time
from exports.columns.table import ExportTable, Extract
from study.vocabulary import StudyState

study_controls = schema.study_controls

COLUMNS = (
    key("control_id", "The change.", study_controls.c.control_id),
    study_id(study_controls),
    Column(
        "state",
        Kind.TEXT,
        "What the study was from then on: open, paused (nobody new came in), or ended (nobody came in "
        "or wrote).",
        value=study_controls.c.state,
        levels=tuple(state.value for state in StudyState),
        required=True,
        repeats=True,
    ),
    time("created_at", "When it was changed.", study_controls.c.created_at, required=True),
)


def extract(scope: Scope) -> Extract:
    """Every change, whichever threads are chosen, the first one first."""
    return Extract(
        source=study_controls,
        where=(),
        order=(study_controls.c.created_at, study_controls.c.control_id),
        touched=(),
        moved=(study_controls.c.created_at,),
    )


TABLE = ExportTable(
    name="study_controls",
    description="When the study was opened, paused and ended; one row a change.",
    columns=COLUMNS,
    key=("control_id",),
    extract=extract,
)
