"""Where the rows of `withdrawals` come from."""

from sqlalchemy import ColumnElement

from data_layer import schema
from exports.scope import Scope
from exports.table import Extract, own_columns
from exports.withdrawals.columns import COLUMNS


def extract(scope: Scope) -> Extract:
    """Every withdrawal, whichever threads are chosen; of one participant, theirs."""
    table = schema.withdrawals
    asked = scope.options.participant
    where: tuple[ColumnElement[bool], ...] = () if asked is None else (table.c.participant_id == asked,)
    return Extract(
        source=table,
        values=own_columns(table, COLUMNS),
        where=where,
        order=(table.c.withdrawal_id,),
        touched=(table.c.withdrawn_at,),
    )
