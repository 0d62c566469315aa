"""The table `consent_texts`: the words that participants were asked to agree to."""

from data_layer.database import schema
from exports.columns.column import Column
from exports.columns.field import Kind
from exports.columns.scope import Scope
from exports.columns.shared import time
from exports.columns.table import ExportTable, Extract

texts = schema.consent_texts

COLUMNS = (
    Column(
        "text_hash",
        Kind.TEXT,
        "SHA-256 of the text, in UTF-8.",
        value=texts.c.text_hash,
        required=True,
    ),
    Column(
        "version",
        Kind.TEXT,
        "Its version, as the study file names it.",
        value=texts.c.version,
        required=True,
        repeats=True,
    ),
    Column(
        "text",
        Kind.TEXT,
        "The words, byte for byte as they were hashed: a JSON object of the Markdown and of each box.",
        value=texts.c.text,
        required=True,
    ),
    time("first_shown_at", "When it was first decided on.", texts.c.first_shown_at, required=True),
)


def extract(_scope: Scope) -> Extract:
    """All of them, whoever is exported: they are the study's own and say nothing of anybody."""
    return Extract(
        source=texts,
        where=(),
        order=(texts.c.text_hash,),
        touched=(),
        moved=(texts.c.first_shown_at,),
        follows=None,
    )


TABLE = ExportTable(
    name="consent_texts",
    description="The words that participants were asked to agree to; one row a text.",
    columns=COLUMNS,
    key=("text_hash",),
    extract=extract,
)
