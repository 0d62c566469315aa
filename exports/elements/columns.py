"""The columns of `elements`."""

from exports.column import Column, Kind
from exports.common import deleted, key, seq, thread_id, time

COLUMNS = (
    key("element_id", "The element.", "elements.element_id"),
    thread_id("elements"),
    Column(
        "message_id",
        Kind.ID,
        "The message or step that it was shown beside.",
        "elements.message_id",
        references=("messages.message_id", "steps.step_id", "runs.run_id"),
    ),
    seq("elements"),
    Column(
        "type", Kind.TEXT, "What it is: text, image, pdf, ...", "elements.type", required=True, repeats=True
    ),
    Column("name", Kind.TEXT, "What the page called it.", "elements.name", required=True),
    Column("mime", Kind.TEXT, "Its media type.", "elements.mime", repeats=True),
    Column("size_bytes", Kind.INTEGER, "How large its file is.", "elements.size_bytes", units="bytes"),
    Column("sha256", Kind.TEXT, "SHA-256 of its file.", "elements.sha256"),
    Column(
        "file",
        Kind.TEXT,
        "Where its file lies below files/ of the data folder; files are not exported.",
        "elements.file",
    ),
    Column("url", Kind.TEXT, "Its address, where the app gave one.", "elements.url"),
    Column("display", Kind.JSON, "A JSON object of how the page drew it.", "elements.display", repeats=True),
    Column("props", Kind.JSON, "A JSON object of what a custom element was given.", "elements.props"),
    time("created_at", "When it was shown.", "elements.created_at", required=True),
    *deleted("elements", "element", because=False),
)
