"""What each of its rows begins with, and how the rest comes of participations, visits and answers."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Final

import pyarrow as pa

from data_layer.database import schema
from exports.columns.derived import DerivedTable, ReadColumns
from exports.columns.table import ExportTable
from exports.rows.batches import batch_of
from exports.rows.iso import raw_values
from exports.tables import participations
from exports.tables.form_answers_wide.asked import AskedForms, cells_of
from exports.tables.form_answers_wide.columns import ItemColumn, columns_of, values_of
from exports.tables.survey_answers_wide.scored import Scored, score_columns, scores_in
from exports.tables.survey_answers_wide.sent import SentSurvey, sent_by_each
from study.instruments import asked_instruments

# So many values are gathered until they are written.
_VALUES: Final = 200_000
_NOBODY: Final = (None, ())

COLUMNS = tuple(
    participations.TABLE.column(name)
    for name in ("participant_id", "condition", "ending", "usable", "attention_failed")
)


def derive(read: Mapping[str, ReadColumns]) -> DerivedTable:
    """The whole table, with a column for each item.

    Args:
        read: Reads some columns of the tables that it comes of.
    """
    asked, scored = _asked(read)
    items = columns_of(asked, {column.name for column in COLUMNS}, schema.survey_answers)
    scores = score_columns(scored, {one.column.name for one in items.columns})
    table = replace(
        TABLE,
        columns=(*COLUMNS, *(one.column for one in items.columns), *scores.values()),
        description=f"{TABLE.description}{items.left_out}",
    )
    return DerivedTable(table, partial(_rows, table, items.columns, tuple(scores), read))


def _asked(read: Mapping[str, ReadColumns]) -> tuple[AskedForms, list[Scored]]:
    asked, first = AskedForms(), dict[str, int]()
    scored = dict[Scored, None]()
    for _, surveys in _sent(read):
        for one in surveys:
            asked.take(one.stage_id, one.definition)
            first[one.stage_id] = min(one.seq, first.get(one.stage_id, one.seq))
            for instrument in asked_instruments(one.definition):
                scored |= dict.fromkeys((one.stage_id, instrument.id, scale) for scale in instrument.scales)
    asked.order(first)
    return asked, sorted(scored, key=lambda one: first[one[0]])


def _sent(read: Mapping[str, ReadColumns]) -> Iterator[tuple[str, list[SentSurvey]]]:
    return sent_by_each(read["stage_visits"], read["survey_answers"])


def _rows(
    table: ExportTable,
    items: tuple[ItemColumn, ...],
    scores: tuple[Scored, ...],
    read: Mapping[str, ReadColumns],
) -> Iterator[pa.RecordBatch]:
    """All rows, in the order of the participants."""
    most, rows = max(1, _VALUES // len(table.columns)), list[list[object]]()
    everybody = _sent(read)
    who, surveys = next(everybody, _NOBODY)
    for batch in read["participations"](COLUMNS):
        for begin in zip(*raw_values(batch), strict=True):
            while who is not None and who < str(begin[0]):
                who, surveys = next(everybody, _NOBODY)
            theirs = surveys if who == begin[0] else ()
            cells = {one.stage_id: cells_of(one.stage_id, one.definition, one.answers) for one in theirs}
            reckoned = scores_in(theirs) if scores else {}
            rows.append([*map(_plain, begin), *values_of(items, cells), *map(reckoned.get, scores)])
            if len(rows) >= most:
                yield batch_of(list(zip(*rows, strict=True)), table.columns)
                rows = []
    if rows:
        yield batch_of(list(zip(*rows, strict=True)), table.columns)


def _plain(value: object) -> object:
    """Booleans as a driver gives them."""
    return int(value) if isinstance(value, bool) else value


TABLE = ExportTable(
    name="survey_answers_wide",
    description=(
        "What participants answered in surveys and quizzes, one row a participant who has begun: behind "
        "these columns stands one an item, named stage.item, and of several choices and of a ranking one an "
        "option, and behind these the scores of instruments, named stage.instrument.scale.score. Of several "
        "tries of a stage it has the last."
    ),
    columns=COLUMNS,
    key=("participant_id",),
    extract=participations.TABLE.extract,
    comes_of=("participations", "stage_visits", "survey_answers"),
    derive=derive,
)
