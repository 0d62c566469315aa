"""The table `prompts`: the exact messages that were sent to models."""

from sqlalchemy import ColumnElement, select

from data_layer.database import schema
from exports.columns.column import Column
from exports.columns.field import Kind
from exports.columns.scope import Scope
from exports.columns.shared import key, time
from exports.columns.table import ExportTable, Extract
from exports.tables.llm_calls import extract as extract_calls

prompts = schema.prompts

COLUMNS = (
    key("prompt_hash", "SHA-256 of the messages, which names the prompt.", prompts.c.prompt_hash),
    Column(
        "messages",
        Kind.JSON,
        "A JSON list of the exact messages that were sent, the system prompt among them.",
        value=prompts.c.messages,
        required=True,
    ),
    time("created_at", "When it was first sent.", prompts.c.created_at, required=True),
)


def extract(scope: Scope) -> Extract:
    """The prompts of the exported calls."""
    calls = extract_calls(scope)
    sent = select(schema.llm_calls.c.prompt_hash).select_from(calls.source).where(*calls.where)
    # All that was ever kept: also a prompt whose call is not there, so that nothing hides.
    all_of_them = scope.options.include_deleted and not scope.filtered
    where: tuple[ColumnElement[bool], ...] = ()
    if scope.filtered:
        where = (prompts.c.prompt_hash.in_(sent),)
    elif not all_of_them:
        # Nearly all prompts are sent by a call that stands, mostly the first that is looked at.
        where = (sent.where(schema.llm_calls.c.prompt_hash == prompts.c.prompt_hash).exists(),)
    return Extract(
        source=prompts,
        where=where,
        order=(prompts.c.prompt_hash,),
        touched=(),
        moved=(prompts.c.created_at,),
        follows=None if all_of_them else "prompt_hash",
    )


TABLE = ExportTable(
    name="prompts",
    description="The exact messages that were sent to models; one row a different prompt.",
    columns=COLUMNS,
    key=("prompt_hash",),
    extract=extract,
)
