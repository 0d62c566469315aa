"""threads can be archived

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op

from data_layer.database.types import UtcTime

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward: none is archived so far."""
    op.add_column("threads", sa.Column("archived_at", UtcTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Go back: what was archived is on its participant's list again."""
    op.drop_column("threads", "archived_at")
