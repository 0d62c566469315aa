"""The table `import_origins`: what imported threads are called where they come from, only when asked for."""

from data_layer.database import schema
from exports.columns.column import Column
from exports.columns.field import Kind
from exports.columns.table import ExportTable
from exports.tables.imports import TABLE as IMPORTS
from exports.tables.imports import extract

imports = schema.imports

COLUMNS = (
    IMPORTS.column("thread_id"),
    Column(
        "source_id",
        Kind.TEXT,
        "The thread's id there; it may say who somebody is.",
        value=imports.c.source_id,
        required=True,
    ),
    Column(
        "origin",
        Kind.JSON,
        "A JSON object of what else was kept of it there: fields of the thread, `named` with what messages "
        "say of who somebody is, `messages` with the ids that they had there.",
        value=imports.c.origin,
    ),
)

TABLE = ExportTable(
    name="import_origins",
    description="What imported threads were called where they come from; one row a thread. Only with "
    "--include-identities.",
    columns=COLUMNS,
    key=("thread_id",),
    extract=extract,
    personal=True,
)
