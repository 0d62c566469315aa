"""keys and passwords go out of what was kept of failures

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

from study.masking import masked

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_FAILED = sa.text("error_type IS NOT NULL OR error_message IS NOT NULL")
# By what looks like a secret, and by those that the settings name now (docs/decisions/0021).
_TABLES = (
    (
        "llm_calls",
        "llm_call_id",
        (
            "error_type",
            "error_message",
            "gen_ai_response_model",
            "gen_ai_response_id",
            "system_fingerprint",
            "finish_reason",
        ),
        _FAILED,
    ),
    ("runs", "run_id", ("error_type", "error_message"), _FAILED),
    ("exports", "export_id", ("problem",), sa.text("problem IS NOT NULL")),
)


def upgrade() -> None:
    """Go forward; what is masked is overwritten on the disk as well."""
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA secure_delete=ON")
    for name, key, columns, where in _TABLES:
        table = sa.table(name, sa.column(key), *map(sa.column, columns))
        changes = []
        for row in connection.execute(sa.select(table).where(where)).mappings():
            told = {column: masked(row[column]) for column in columns if row[column] is not None}
            if any(row[column] != said for column, said in told.items()):
                changes.append((row[key], told))
        for row_id, told in changes:
            connection.execute(sa.update(table).where(table.c[key] == row_id).values(told))


def downgrade() -> None:
    """Go back: what is masked stays masked."""
