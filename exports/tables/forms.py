"""The table `forms`: forms that stood under replies, as they were shown."""

from data_layer.database import schema
from exports.columns.column import Column
from exports.columns.field import Kind
from exports.columns.scope import Scope, with_thread
from exports.columns.shared import key, run_id, seq, thread_id, time, turn
from exports.columns.table import LEAVING, ExportTable, Extract, until_closed
from study.vocabulary import FormState

forms, steps = schema.forms, schema.steps

COLUMNS = (
    key("form_id", "The form, where it stood.", forms.c.form_id),
    thread_id(forms),
    run_id(forms),
    Column(
        "message_id",
        Kind.ID,
        "The reply that it stands under.",
        value=forms.c.message_id,
        references=("messages.message_id",),
        required=True,
    ),
    seq(forms),
    turn(forms),
    Column(
        "name",
        Kind.TEXT,
        "Its id in the study file, or as its agent calls it.",
        value=forms.c.name,
        required=True,
        repeats=True,
    ),
    Column(
        "state",
        Kind.TEXT,
        "How it stands: open, answered, or left because the conversation went on without it.",
        value=forms.c.state,
        levels=tuple(one.value for one in FormState),
        required=True,
        repeats=True,
    ),
    Column(
        "left_because",
        Kind.TEXT,
        "How it was left: the participant typed instead, or it left the screen with its branch.",
        value=forms.c.left_because,
        levels=("typed", "moved"),
        repeats=True,
    ),
    Column(
        "definition",
        Kind.JSON,
        "A JSON object of the form as it was shown: items in their order with their words, options and "
        "codes, its language, and the seed that the order was drawn with.",
        value=forms.c.definition,
        required=True,
    ),
    Column(
        "answers",
        Kind.JSON,
        "A JSON object of the answers by item; missing while there are none.",
        value=forms.c.answers,
    ),
    time("shown_at", "When it was shown first.", forms.c.shown_at, required=True),
    time("closed_at", "When it was answered or left; missing while it is open.", forms.c.closed_at),
    Column(
        "answered_by_message",
        Kind.ID,
        "The participant's message that says the answers in words, also where that has left the screen.",
        value=forms.c.answered_by_message,
    ),
)


def extract(scope: Scope) -> Extract:
    """Forms under the exported replies."""
    return Extract(
        source=with_thread(forms).outerjoin(steps, steps.c.step_id == forms.c.message_id),
        where=(*scope.living(steps), *scope.threads()),
        order=(forms.c.thread_id, forms.c.seq, forms.c.form_id),
        touched=until_closed(forms.c.closed_at),
        moved=(forms.c.seq, forms.c.shown_at, steps.c.version, steps.c.deleted_at),
        around=LEAVING,
    )


TABLE = ExportTable(
    name="forms",
    description="Forms that stood under replies, as they were shown; one row a form.",
    columns=COLUMNS,
    key=("form_id",),
    extract=extract,
)
