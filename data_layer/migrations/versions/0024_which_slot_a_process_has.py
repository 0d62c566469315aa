"""processes have a slot, and say which Verbatim runs where, and how its writer is

Revision ID: 0024
Revises: 0023
"""

import sqlalchemy as sa
from alembic import op

from data_layer.database.types import JsonColumn, UtcTime

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_COLUMNS = (
    ("slot", sa.SmallInteger()),
    ("app_version", sa.Text()),
    ("host", sa.Text()),
    ("started_at", UtcTime()),
    ("health", JsonColumn),
)


def upgrade() -> None:
    """Go forward."""
    for name, kind in _COLUMNS:
        op.add_column("processes", sa.Column(name, kind, nullable=True))


def downgrade() -> None:
    """Go back."""
    for name, _ in reversed(_COLUMNS):
        op.drop_column("processes", name)
