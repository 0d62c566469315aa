"""The rows of a survey or a quiz that was sent: one a question."""

import uuid
from collections.abc import Mapping
from typing import Any

from data_layer.database.rows import Row
from stages.protocol.handling import AtStage
from study.forms.rows import answer_row
from study.protocol.surveys import Survey, SurveyItem
from study.vocabulary import AnswerState


def answer_rows(
    here: AtStage,
    survey: Survey,
    values: Mapping[str, Any],
    drafts: Mapping[str, Row],
    known: Mapping[str, Any],
) -> list[tuple[str, Row]]:
    """What is kept of answers.

    Args:
        here: Whose, and where.
        survey: As it was shown.
        values: As study/forms/checking.py writes them.
        drafts: What was changed before they were sent (data_layer/people/participations.py).
        known: What was answered before, where conditions look back.
    """
    now = here.record.now()
    rows: list[tuple[str, Row]] = []
    for place, item in enumerate(survey.items, start=1):
        if not item.is_asked:
            continue
        draft = drafts.get(item.id)
        answered = answer_row(item, place, survey, values, known)
        is_hidden = answered["state"] == AnswerState.HIDDEN.value
        kind, passed = (None, None) if is_hidden else check_of(item, values)
        row = {
            **answered,
            "answer_id": str(uuid.uuid4()),
            "participant_id": here.participant_id,
            "seq": here.record.take_order(),
            "stage_id": here.stage.id,
            "visit": here.position.visit,
            "attempt": here.position.attempt,
            "survey": survey.id,
            "option_order": [option.value for option in item.options] or None,
            "answer": values.get(item.id),
            "check_kind": kind,
            "check_passed": passed,
            "changes": draft["changes"] if draft else 0,
            "shown_at": here.position.entered_at,
            "first_touched_at": draft["first_at"] if draft else None,
            "sent_at": now,
        }
        rows.append(("survey_answers", row))
    return rows


def check_of(item: SurveyItem, values: Mapping[str, Any]) -> tuple[str | None, bool | None]:
    """Whether an item is a check, and was passed; one that was left out is failed."""
    for kind, expected in (("attention", item.attention), ("comprehension", item.right)):
        if expected is not None:
            value = values.get(item.id)
            is_it = isinstance(value, bool) == isinstance(expected, bool) and value == expected
            return kind, bool(is_it or (isinstance(value, list) and value == [expected]))
    return None, None
