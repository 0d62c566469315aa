"""What each participant answered in each stage: visits and answers put together, by participant."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from exports.columns.column import Column
from exports.columns.derived import ReadColumns
from exports.rows.iso import raw_values
from exports.tables import stage_visits, survey_answers
from study.forms.item import OTHER

Cells = list[Any]
_NOBODY: Final = (None, ())


@dataclass(frozen=True)
class SentSurvey:
    """A survey or a quiz that somebody sent.

    Args:
        stage_id: In which stage.
        seq: The place of its first answer.
        definition: As it was shown.
        answers: By item, as study/forms/checking.py writes them.
        numbers: The same as numbers, of those that are one.
        visit: Of the participant.
        attempt: At the stage.
    """

    stage_id: str
    seq: int
    definition: dict[str, Any]
    answers: dict[str, Any]
    numbers: dict[str, float]
    visit: int
    attempt: int


def sent_by_each(
    visits: ReadColumns, answers: ReadColumns, *, all_tries: bool = False
) -> Iterator[tuple[str, list[SentSurvey]]]:
    """What each participant sent: of several tries of a stage the last.

    Args:
        visits: Reads the table of visits.
        answers: Reads the table of answers.
        all_tries: Every try.

    Yields:
        Participants in the order of the tables, those who sent anything.
    """
    shown = by_participant(
        visits, tuple(stage_visits.TABLE.column(name) for name in ("participant_id", "visit", "shown"))
    )
    names = ("participant_id", "stage_id", "visit", "attempt", "seq", "item", "answer", "other", "number")
    given = by_participant(answers, tuple(survey_answers.TABLE.column(name) for name in names))
    here, pages = next(shown, _NOBODY)
    for participant_id, rows in given:
        while here is not None and here < participant_id:
            here, pages = next(shown, _NOBODY)
        seen = {row[0]: row[1] for row in pages} if here == participant_id else {}
        yield participant_id, _sent(rows, seen, all_tries)


def by_participant(read: ReadColumns, columns: tuple[Column, ...]) -> Iterator[tuple[str, list[Cells]]]:
    """Rows of a table by participant, as raw values without their first column.

    Args:
        read: Reads the table.
        columns: The participant first.
    """
    rows = (row for batch in read(columns) for row in zip(*raw_values(batch), strict=True))
    for participant_id, of in groupby(rows, key=lambda row: row[0]):
        yield str(participant_id), [list(row[1:]) for row in of]


def _sent(rows: list[Cells], seen: dict[int, str | None], all_tries: bool) -> list[SentSurvey]:
    last: dict[str, int] = {}
    for stage_id, visit, *_ in rows:
        last[stage_id] = max(visit, last.get(stage_id, visit))
    found: dict[int, SentSurvey] = {}
    for stage_id, visit, attempt, seq, item, answer, other, number in rows:
        definition = seen.get(visit)
        if (visit != last[stage_id] and not all_tries) or definition is None:
            continue
        if visit not in found:
            found[visit] = SentSurvey(stage_id, seq, json.loads(definition), {}, {}, visit, attempt)
        told = found[visit]
        if answer is not None:
            told.answers[item] = json.loads(answer)
        if other is not None:
            told.answers[f"{item}_{OTHER}"] = other
        if number is not None:
            told.numbers[item] = number
    return list(found.values())
