"""runs and connections name the process that they are of

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_TABLES = ("runs", "connections")


def upgrade() -> None:
    """Go forward: what is open already is nobody's, and closed by the next start."""
    for table in _TABLES:
        op.add_column(table, sa.Column("process_id", sa.String(length=36), nullable=True))


def downgrade() -> None:
    """Go back: each start closes whatever is open."""
    for table in _TABLES:
        op.drop_column(table, "process_id")
