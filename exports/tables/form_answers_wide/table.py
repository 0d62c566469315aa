"""What each of its rows begins with, and how the rest comes of the tables of forms and answers."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Final

import pyarrow as pa
from sqlalchemy import select

from data_layer.database import schema
from exports.columns.column import Column
from exports.columns.derived import DerivedTable, ReadColumns
from exports.columns.field import Kind
from exports.columns.scope import Scope, with_thread
from exports.columns.shared import key, seq, thread_id, time, turn
from exports.columns.table import LEAVING, ExportTable, Extract
from exports.rows.batches import batch_of
from exports.rows.iso import raw_values
from exports.tables import form_answers, forms
from exports.tables.form_answers_wide.asked import asked_in, cells_of
from exports.tables.form_answers_wide.columns import ItemColumn, columns_of, values_of

# So many values are gathered until they are written.
_VALUES: Final = 200_000

_forms = schema.forms

COLUMNS = (
    key("form_id", "The form that was sent.", _forms.c.form_id),
    thread_id(_forms),
    Column(
        "message_id",
        Kind.ID,
        "The participant's message that says its answers in words.",
        value=_forms.c.answered_by_message,
        references=("messages.message_id",),
    ),
    seq(_forms),
    turn(_forms),
    Column(
        "form",
        Kind.TEXT,
        "The form's id in the study file, or as its agent calls it.",
        value=_forms.c.name,
        required=True,
        repeats=True,
    ),
    time("shown_at", "When the form was shown first.", _forms.c.shown_at, required=True),
    time("sent_at", "When it was sent.", _forms.c.closed_at),
)


def extract(scope: Scope) -> Extract:
    """Forms under the exported replies whose answers are exported, too."""
    answers, replies = schema.form_answers, schema.steps
    said = schema.steps.alias("said")
    sent = (
        select(answers.c.answer_id)
        .select_from(answers.outerjoin(said, said.c.step_id == answers.c.message_id))
        .where(answers.c.form_id == _forms.c.form_id, *scope.living(said))
    )
    return Extract(
        source=with_thread(_forms).outerjoin(replies, replies.c.step_id == _forms.c.message_id),
        where=(sent.exists(), *scope.living(replies), *scope.threads()),
        order=(_forms.c.thread_id, _forms.c.seq, _forms.c.form_id),
        touched=(),
        moved=(_forms.c.seq, _forms.c.closed_at, replies.c.version, replies.c.deleted_at),
        around=LEAVING,
    )


def derive(read: Mapping[str, ReadColumns]) -> DerivedTable:
    """The whole table, with a column for each item.

    Args:
        read: Reads some columns of the tables that it comes of.
    """
    sent = _sent(read["form_answers"])
    asked = asked_in(sent, read["forms"])
    items = columns_of(asked, taken={column.name for column in COLUMNS})
    table = replace(
        TABLE,
        columns=(*COLUMNS, *(one.column for one in items.columns)),
        description=f"{TABLE.description}{items.left_out}",
    )
    return DerivedTable(table, partial(_rows, table, items.columns, sent, read["forms"]))


def _sent(read: ReadColumns) -> frozenset[str]:
    """The forms that there are answers of."""
    ids = (batch.column(0).to_pylist() for batch in read((form_answers.TABLE.column("form_id"),)))
    return frozenset(one for some in ids for one in some)


def _rows(
    table: ExportTable,
    items: tuple[ItemColumn, ...],
    sent: frozenset[str],
    read: ReadColumns,
) -> Iterator[pa.RecordBatch]:
    """All rows, in the order of the forms."""
    of = {"message_id": "answered_by_message", "form": "name", "sent_at": "closed_at"}
    first = [forms.TABLE.column(of.get(column.name, column.name)) for column in COLUMNS]
    wanted = (*first, forms.TABLE.column("definition"), forms.TABLE.column("answers"))
    most, named = max(1, _VALUES // len(table.columns)), [column.name for column in COLUMNS].index("form")
    rows: list[list[object]] = []
    for batch in read(wanted):
        for *begin, definition, answers in zip(*raw_values(batch), strict=True):
            if begin[0] in sent:
                form, told = str(begin[named]), json.loads(str(answers)) if answers is not None else None
                cells = cells_of(form, json.loads(str(definition)), told or {})
                rows.append([*begin, *values_of(items, {form: cells})])
            if len(rows) >= most:
                yield batch_of(list(zip(*rows, strict=True)), table.columns)
                rows = []
    if rows:
        yield batch_of(list(zip(*rows, strict=True)), table.columns)


TABLE = ExportTable(
    name="form_answers_wide",
    description=(
        "Forms that were sent, one row a form: behind these columns stands one an item, named form.item, and "
        "of several choices and of a ranking one an option."
    ),
    columns=COLUMNS,
    key=("form_id",),
    extract=extract,
    comes_of=("forms", "form_answers"),
    derive=derive,
)
