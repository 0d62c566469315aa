"""Alembic's environment: it runs on the connection that data_layer/database/migrate.py hands to it."""

from typing import Any

from alembic import context

from data_layer.database.schema import metadata


def _ours(_object: Any, name: str | None, kind: str, _reflected: bool, _compare_to: Any) -> bool:
    """Leave the search index, and the tables that FTS5 keeps behind it, to their own migration."""
    return not (kind == "table" and (name or "").startswith("search_index"))


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # SQLite cannot alter a table in place; batch mode copies it, and needs the naming convention.
    render_as_batch=True,
    include_object=_ours,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
