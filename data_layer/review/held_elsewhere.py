"""Whether a thread was held elsewhere and imported: one question, for each list that shows threads."""

from typing import Any, Final

from sqlalchemy import ColumnElement, select

from data_layer.database import schema

# A look into `imports` by its key; in a study without imports, into an empty table.
IMPORTED_HERE: Final[ColumnElement[Any]] = (
    select(schema.imports.c.thread_id)
    .where(schema.imports.c.thread_id == schema.threads.c.thread_id)
    .correlate(schema.threads)
    .exists()
    .label("imported")
)
