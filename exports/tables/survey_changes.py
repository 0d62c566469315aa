"""The table `survey_changes`: each change of an answer while it was made."""

from data_layer.database import schema
from exports.columns.column import Column
from exports.columns.field import Kind
from exports.columns.scope import Scope
from exports.columns.shared import key, participant_of, seq, stage_id, time, visit
from exports.columns.table import ExportTable, Extract
from exports.tables.participants import in_scope

changes = schema.survey_changes

COLUMNS = (
    key("change_id", "The change.", changes.c.change_id),
    participant_of(changes, "Who answers."),
    seq(changes),
    stage_id(changes),
    visit(changes),
    Column(
        "item",
        Kind.TEXT,
        "The item's id in the survey file.",
        value=changes.c.item,
        required=True,
        repeats=True,
    ),
    Column(
        "value",
        Kind.JSON,
        "What the page had there then, as JSON: a text, or an array of what was chosen; missing where it "
        "was emptied.",
        value=changes.c.value,
    ),
    time("changed_at", "When it reached the server.", changes.c.changed_at, required=True),
)


def extract(scope: Scope) -> Extract:
    """The changes of the exported participants."""
    return Extract(
        source=changes,
        where=in_scope(scope, changes.c.participant_id),
        order=(changes.c.participant_id, changes.c.visit, changes.c.seq, changes.c.change_id),
        touched=(),
        moved=(changes.c.seq, changes.c.changed_at),
        follows="participant_id",
    )


TABLE = ExportTable(
    name="survey_changes",
    description="Changes of answers in surveys before they were sent, also of those that never were; one row "
    "a change.",
    columns=COLUMNS,
    key=("change_id",),
    extract=extract,
)
