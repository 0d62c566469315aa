"""The table `form_answers`: what was answered in forms, one row an item."""

from data_layer.database import schema
from exports.columns.column import Column
from exports.columns.field import Kind
from exports.columns.scope import Scope, with_thread
from exports.columns.shared import connection_id, key, seq, thread_id, time
from exports.columns.table import LEAVING, ExportTable, Extract
from study.forms import ItemKind
from study.vocabulary import AnswerState

answers, steps = schema.form_answers, schema.steps

COLUMNS = (
    key("answer_id", "The answer.", answers.c.answer_id),
    Column(
        "form_id",
        Kind.ID,
        "The form that it was given in.",
        value=answers.c.form_id,
        references=("forms.form_id",),
        required=True,
        repeats=True,
    ),
    thread_id(answers),
    Column(
        "message_id",
        Kind.ID,
        "The participant's message that says the form's answers in words.",
        value=answers.c.message_id,
        references=("messages.message_id",),
        required=True,
        repeats=True,
    ),
    connection_id(answers),
    seq(answers),
    Column(
        "form",
        Kind.TEXT,
        "The form's id in the study file.",
        value=answers.c.form,
        required=True,
        repeats=True,
    ),
    Column(
        "item",
        Kind.TEXT,
        "The item's id in the study file.",
        value=answers.c.item,
        required=True,
        repeats=True,
    ),
    Column(
        "kind",
        Kind.TEXT,
        "What the item asks for.",
        value=answers.c.kind,
        levels=tuple(kind.value for kind in ItemKind if kind is not ItemKind.NOTE),
        required=True,
        repeats=True,
    ),
    Column("label", Kind.TEXT, "The question, as it was shown.", value=answers.c.label, repeats=True),
    Column(
        "position",
        Kind.INTEGER,
        "Its place among the form's items as they were shown, from 1; notes count.",
        value=answers.c.position,
        required=True,
    ),
    Column(
        "state",
        Kind.TEXT,
        "Whether it was answered, left out, or hidden by its condition.",
        value=answers.c.state,
        levels=tuple(one.value for one in AnswerState),
        required=True,
        repeats=True,
    ),
    Column(
        "value",
        Kind.TEXT,
        "The answer as the study file writes it; several values stand with a semicolon between them.",
        value=answers.c.value,
    ),
    Column(
        "number",
        Kind.NUMBER,
        "The answer as a number: of a choice its code, 1 for yes and 0 for no; missing where there is none.",
        value=answers.c.number,
    ),
    Column(
        "value_label",
        Kind.TEXT,
        "The answer in the words that were read on the page.",
        value=answers.c.value_label,
    ),
    Column("other", Kind.TEXT, 'The words of an "other".', value=answers.c.other),
    Column(
        "changes",
        Kind.INTEGER,
        "How often the answer was changed before it was sent, as the page counted.",
        value=answers.c.changes,
        required=True,
    ),
    time("shown_at", "When the form was shown first.", answers.c.shown_at, required=True),
    time(
        "first_touched_at", "When the item was first touched, as the page saw it.", answers.c.first_touched_at
    ),
    time("sent_at", "When the form was sent.", answers.c.sent_at, required=True),
)


def extract(scope: Scope) -> Extract:
    """Answers whose message is exported."""
    return Extract(
        source=with_thread(answers).outerjoin(steps, steps.c.step_id == answers.c.message_id),
        where=(*scope.living(steps), *scope.threads()),
        order=(answers.c.thread_id, answers.c.seq, answers.c.answer_id),
        touched=(),
        moved=(answers.c.seq, answers.c.sent_at, steps.c.version, steps.c.deleted_at),
        around=LEAVING,
    )


TABLE = ExportTable(
    name="form_answers",
    description="What was answered in forms; one row an item of a form that was sent.",
    columns=COLUMNS,
    key=("answer_id",),
    extract=extract,
)
