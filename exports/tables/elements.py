"""The table `elements`: files and other things shown beside a message."""

from typing import Final

from data_layer.database import schema
from exports.columns.beside import extract_beside
from exports.columns.column import Column
from exports.columns.field import Kind
from exports.columns.scope import Scope
from exports.columns.shared import deleted, key, seq, thread_id, time
from exports.columns.table import ExportTable, Extract

elements = schema.elements

COLUMNS = (
    key("element_id", "The element.", elements.c.element_id),
    thread_id(elements),
    Column(
        "message_id",
        Kind.ID,
        "The message or step that it was shown beside.",
        value=elements.c.message_id,
        references=("messages.message_id", "steps.step_id", "runs.run_id"),
    ),
    seq(elements),
    Column(
        "type",
        Kind.TEXT,
        "What it is: text, image, pdf, ...",
        value=elements.c.type,
        required=True,
        repeats=True,
    ),
    Column("name", Kind.TEXT, "What the page called it.", value=elements.c.name, required=True),
    Column("mime", Kind.TEXT, "Its media type.", value=elements.c.mime, repeats=True),
    Column("size_bytes", Kind.INTEGER, "How large its file is.", value=elements.c.size_bytes, units="bytes"),
    Column("sha256", Kind.TEXT, "SHA-256 of its file.", value=elements.c.sha256),
    Column(
        "file",
        Kind.TEXT,
        "Where its file lies below files/ of the data folder; files are not exported.",
        value=elements.c.file,
    ),
    Column("url", Kind.TEXT, "Its address, where the app gave one.", value=elements.c.url),
    Column(
        "display", Kind.JSON, "A JSON object of how the page drew it.", value=elements.c.display, repeats=True
    ),
    Column("props", Kind.JSON, "A JSON object of what a custom element was given.", value=elements.c.props),
    time("created_at", "When it was shown.", elements.c.created_at, required=True),
    *deleted(elements, "element", because=False),
)


# As in data_layer/conversations/elements.py.
_RENEWED: Final = frozenset({"props", "display", "file", "size_bytes", "sha256"})


def extract(scope: Scope) -> Extract:
    """What was shown beside the exported messages."""
    return extract_beside(scope, schema.elements, "element_id", _RENEWED)


TABLE = ExportTable(
    name="elements",
    description="Files and other things shown beside a message; one row an element.",
    columns=COLUMNS,
    key=("element_id",),
    extract=extract,
)
