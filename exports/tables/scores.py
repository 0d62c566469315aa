"""The table `scores`: what the answers to instruments come to. The answers stay as they are."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Final

import pyarrow as pa
from sqlalchemy import and_

from data_layer.database import schema
from exports.columns.column import Column
from exports.columns.derived import DerivedTable, ReadColumns
from exports.columns.field import Kind
from exports.columns.scope import Scope, among
from exports.columns.table import ExportTable, Extract
from exports.rows.batches import batch_of
from exports.tables import survey_answers
from exports.tables.participants import in_scope
from exports.tables.survey_answers_wide.sent import sent_by_each
from study.instruments import key_hash, missing_rule, scores_of, shipped_instruments

answers = schema.survey_answers
visits = schema.stage_visits
_SAME: Final = ("participant_id", "stage_id", "visit", "attempt")
# So many rows are gathered until they are written.
_ROWS: Final = 5_000

COLUMNS = (
    *(survey_answers.TABLE.column(name) for name in _SAME),
    Column(
        "instrument",
        Kind.TEXT,
        "The instrument, by its id.",
        value=answers.c.item,
        required=True,
        repeats=True,
    ),
    Column("scale", Kind.TEXT, "What of it is scored.", value=answers.c.item, required=True, repeats=True),
    Column(
        "score",
        Kind.NUMBER,
        "What the answers come to, those to reversed items turned; missing where too few were given.",
        value=answers.c.number,
    ),
    Column(
        "items_answered",
        Kind.INTEGER,
        "How many of the scale's items were answered.",
        value=answers.c.item,
        required=True,
    ),
    Column(
        "missing_rule",
        Kind.TEXT,
        "How many must be answered for a score, such as 3 of 3.",
        value=answers.c.item,
        required=True,
        repeats=True,
    ),
    Column(
        "key_version",
        Kind.TEXT,
        "The version of the key that it was reckoned with.",
        value=answers.c.item,
        required=True,
        repeats=True,
    ),
    Column(
        "key_hash",
        Kind.TEXT,
        "SHA-256 of that key: items, which are reversed, scales, rules.",
        value=answers.c.item,
        required=True,
        repeats=True,
    ),
)


def derive(read: Mapping[str, ReadColumns]) -> DerivedTable:
    """Score what was sent.

    Args:
        read: Reads some columns of the tables that it comes of.
    """
    return DerivedTable(TABLE, partial(_rows, read["stage_visits"], read["survey_answers"]))


def _rows(pages: ReadColumns, given: ReadColumns) -> Iterator[pa.RecordBatch]:
    rows = list[tuple[Any, ...]]()
    for participant_id, surveys in sent_by_each(pages, given, all_tries=True):
        for sent in sorted(surveys, key=lambda one: one.visit):
            for instrument, found in scores_of(sent.definition, sent.numbers):
                rule = missing_rule(instrument.scales[found.scale])
                key = (found.key_version, key_hash(instrument.id))
                first = (participant_id, sent.stage_id, sent.visit, sent.attempt, instrument.id, found.scale)
                rows.append((*first, found.value, found.items_answered, rule, *key))
        if len(rows) >= _ROWS:
            yield batch_of(list(zip(*rows, strict=True)), COLUMNS)
            rows = []
    if rows:
        yield batch_of(list(zip(*rows, strict=True)), COLUMNS)


def extract(scope: Scope) -> Extract:
    """Of the answers of the exported participants as many of each instrument as it has scales."""
    there = and_(visits.c.participant_id == answers.c.participant_id, visits.c.visit == answers.c.visit)
    return Extract(
        source=answers.join(visits, there),
        where=(*in_scope(scope, answers.c.participant_id), among(answers.c.item, _one_a_scale())),
        order=(answers.c.participant_id, answers.c.visit),
        touched=(),
        follows="participant_id",
        counted=answers,
    )


def _one_a_scale() -> list[str]:
    return [
        instrument.form_id(item.id)
        for instrument in shipped_instruments().values()
        for item, _ in zip(instrument.items, instrument.scales, strict=False)
    ]


TABLE = ExportTable(
    name="scores",
    description="What the answers to instruments come to, each time that one was sent; one row a scale. "
    "Answers stand in `survey_answers` as they were given.",
    columns=COLUMNS,
    key=("participant_id", "visit", "instrument", "scale"),
    extract=extract,
    comes_of=("stage_visits", "survey_answers"),
    derive=derive,
)
