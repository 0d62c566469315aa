"""Where the rows of `codes` come from."""

from data_layer import schema
from exports.codes.columns import COLUMNS
from exports.scope import Scope
from exports.table import Extract, own_columns


def extract(scope: Scope) -> Extract:
    """Every version of every code, whichever threads are chosen: what is not given is a finding too."""
    table = schema.codes
    return Extract(
        source=table,
        values=own_columns(table, COLUMNS),
        where=(),
        order=(table.c.code_id, table.c.codebook_version),
        touched=(table.c.created_at,),
    )
