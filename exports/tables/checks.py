"""The table `checks`: checks of attention and of comprehension, passed or not."""

from dataclasses import replace

from data_layer.database import schema
from exports.columns.scope import Scope
from exports.columns.table import ExportTable, Extract
from exports.tables import survey_answers

answers = schema.survey_answers
_SAME = ("answer_id", "participant_id", "stage_id", "visit", "attempt", "survey", "item")

COLUMNS = (
    *(survey_answers.TABLE.column(name) for name in _SAME),
    replace(
        survey_answers.TABLE.column("check_kind"),
        description="What was checked: attention, or comprehension in a quiz.",
    ),
    replace(survey_answers.TABLE.column("check_passed"), description="Whether it was passed."),
    survey_answers.TABLE.column("sent_at"),
)


def extract(scope: Scope) -> Extract:
    """Of the answers of the exported participants those that are checks."""
    every = survey_answers.TABLE.extract(scope)
    return replace(every, where=(*every.where, answers.c.check_kind.is_not(None)))


TABLE = ExportTable(
    name="checks",
    description="Checks of attention, and of comprehension in quizzes, each time that one was answered; one "
    "row an answer.",
    columns=COLUMNS,
    key=("answer_id",),
    extract=extract,
)
