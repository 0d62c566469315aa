"""The table `bookmarks`: messages that participants marked to find them again."""

from data_layer.database import schema
from exports.columns.beside import extract_beside
from exports.columns.column import Column
from exports.columns.field import Kind
from exports.columns.scope import Scope
from exports.columns.shared import deleted, key, participant_id, seq, thread_id, time
from exports.columns.table import ExportTable, Extract

bookmarks = schema.bookmarks

COLUMNS = (
    key("bookmark_id", "The bookmark.", bookmarks.c.bookmark_id),
    thread_id(bookmarks),
    Column(
        "message_id",
        Kind.ID,
        "The message that was marked.",
        value=bookmarks.c.message_id,
        references=("messages.message_id",),
        required=True,
    ),
    participant_id(bookmarks, "Who marked it."),
    seq(bookmarks),
    time("created_at", "When it was marked.", bookmarks.c.created_at, required=True),
    *deleted(bookmarks, "bookmark", by=False, because=False),
)


def extract(scope: Scope) -> Extract:
    """Bookmarks on the exported messages."""
    return extract_beside(scope, schema.bookmarks, "bookmark_id")


TABLE = ExportTable(
    name="bookmarks",
    description="Messages that participants marked to find them again; one row a bookmark.",
    columns=COLUMNS,
    key=("bookmark_id",),
    extract=extract,
)
