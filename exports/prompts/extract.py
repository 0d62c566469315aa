"""Where the rows of `prompts` come from."""

from sqlalchemy import ColumnElement, select

from data_layer import schema
from exports.llm_calls.extract import extract as extract_calls
from exports.prompts.columns import COLUMNS
from exports.scope import Scope
from exports.table import Extract, own_columns


def extract(scope: Scope) -> Extract:
    """The prompts of the exported calls."""
    table = schema.prompts
    calls = extract_calls(scope)
    sent = select(schema.llm_calls.c.prompt_hash).select_from(calls.source).where(*calls.where)
    # All that was ever kept: also a prompt whose call is not there, so that nothing hides.
    all_of_them = scope.options.include_deleted and not scope.filtered
    where: tuple[ColumnElement[bool], ...] = () if all_of_them else (table.c.prompt_hash.in_(sent),)
    return Extract(
        source=table,
        values=own_columns(table, COLUMNS),
        where=where,
        order=(table.c.prompt_hash,),
        touched=(table.c.created_at,),
        follows=True,
    )
