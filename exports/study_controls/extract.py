"""Where the rows of `study_controls` come from."""

from data_layer import schema
from exports.scope import Scope
from exports.study_controls.columns import COLUMNS
from exports.table import Extract, own_columns


def extract(scope: Scope) -> Extract:
    """Every change, whichever threads are chosen, the first one first."""
    table = schema.study_controls
    return Extract(
        source=table,
        values=own_columns(table, COLUMNS),
        where=(),
        order=(table.c.created_at, table.c.control_id),
        touched=(table.c.created_at,),
    )
