"""The table `imports`: where threads came from that were not held here."""

from data_layer.database import schema
from exports.columns.column import Column
from exports.columns.field import Kind
from exports.columns.scope import Scope, with_thread
from exports.columns.shared import time
from exports.columns.table import ExportTable, Extract

imports = schema.imports

COLUMNS = (
    Column(
        "thread_id",
        Kind.ID,
        "The thread that was brought in; one that is not in this table was held here.",
        value=imports.c.thread_id,
        references=("threads.thread_id",),
        required=True,
    ),
    Column(
        "source",
        Kind.TEXT,
        "What kind of source it came from, such as chatgpt.",
        value=imports.c.source,
        required=True,
        repeats=True,
    ),
    Column(
        "file_sha256",
        Kind.TEXT,
        "SHA-256 of the file that was imported; missing where it was a database.",
        value=imports.c.file_sha256,
        repeats=True,
    ),
    Column(
        "content_sha256",
        Kind.TEXT,
        "SHA-256 of what was read of the thread, by which it is known again.",
        value=imports.c.content_sha256,
        required=True,
    ),
    Column(
        "place",
        Kind.INTEGER,
        "Its line in the file, or its place among the threads there, from 1.",
        value=imports.c.place,
        required=True,
    ),
    Column(
        "message_count",
        Kind.INTEGER,
        "How many messages and steps were read.",
        value=imports.c.message_count,
        required=True,
    ),
    Column(
        "times",
        Kind.TEXT,
        "Whether its messages bore their own times there. One that did not has that of the message before "
        "it, or of the import.",
        value=imports.c.times,
        levels=("all", "some", "none"),
        required=True,
        repeats=True,
    ),
    time("imported_at", "When it was imported.", imports.c.imported_at, required=True),
)


def extract(scope: Scope) -> Extract:
    """The origins of the chosen threads."""
    return Extract(
        source=with_thread(imports),
        where=scope.threads(),
        order=(imports.c.thread_id,),
        touched=(),
        moved=(imports.c.imported_at,),
    )


TABLE = ExportTable(
    name="imports",
    description="Threads that were held elsewhere and imported; one row a thread.",
    columns=COLUMNS,
    key=("thread_id",),
    extract=extract,
)
