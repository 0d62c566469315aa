"""The table `survey_answers`: what was answered in surveys and quizzes, one row an item."""

from data_layer.database import schema
from exports.columns.column import Column
from exports.columns.field import Kind
from exports.columns.scope import Scope
from exports.columns.shared import attempt, key, participant_of, seq, stage_id, time, visit
from exports.columns.table import ExportTable, Extract
from exports.tables.participants import in_scope
from study.forms import ItemKind
from study.vocabulary import AnswerState

answers = schema.survey_answers

COLUMNS = (
    key("answer_id", "The answer.", answers.c.answer_id),
    participant_of(answers, "Who answered."),
    seq(answers),
    stage_id(answers),
    visit(answers),
    attempt(answers),
    Column(
        "survey",
        Kind.TEXT,
        "The survey's or the quiz's id: the name of its file.",
        value=answers.c.survey,
        required=True,
        repeats=True,
    ),
    Column(
        "item", Kind.TEXT, "The item's id in that file.", value=answers.c.item, required=True, repeats=True
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
        "Its place among the items as they were shown, from 1; notes count.",
        value=answers.c.position,
        required=True,
    ),
    Column(
        "option_order",
        Kind.JSON,
        "A JSON array of the options, by value, in the order in which they were shown; missing for none.",
        value=answers.c.option_order,
        repeats=True,
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
        "The answer as the survey file writes it; several values stand with a semicolon between them.",
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
        "answer",
        Kind.JSON,
        "The answer as JSON: several choices are an array, in the order in which they were ranked.",
        value=answers.c.answer,
    ),
    Column(
        "check_kind",
        Kind.TEXT,
        "Whether it is a check, of attention or of comprehension in a quiz; missing for others.",
        value=answers.c.check_kind,
        levels=("attention", "comprehension"),
        repeats=True,
    ),
    Column(
        "check_passed",
        Kind.BOOLEAN,
        "Whether the check was passed; missing where it is none.",
        value=answers.c.check_passed,
    ),
    Column(
        "changes",
        Kind.INTEGER,
        "How often the answer was changed before it was sent; `survey_changes` has each change.",
        value=answers.c.changes,
        required=True,
    ),
    time("shown_at", "When the page was shown.", answers.c.shown_at, required=True),
    time("first_touched_at", "When the first change of it reached the server.", answers.c.first_touched_at),
    time("sent_at", "When the page was sent.", answers.c.sent_at, required=True),
)


def extract(scope: Scope) -> Extract:
    """The answers of the exported participants."""
    return Extract(
        source=answers,
        where=in_scope(scope, answers.c.participant_id),
        order=(answers.c.participant_id, answers.c.stage_id, answers.c.seq, answers.c.answer_id),
        touched=(),
        moved=(answers.c.seq, answers.c.sent_at),
        follows="participant_id",
    )


TABLE = ExportTable(
    name="survey_answers",
    description="What was answered in surveys and quizzes; one row an item of one that was sent.",
    columns=COLUMNS,
    key=("answer_id",),
    extract=extract,
)
