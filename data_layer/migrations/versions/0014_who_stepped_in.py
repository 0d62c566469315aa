"""which agent could not answer, where another stepped in

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_TABLES = ("runs", "steps")


def upgrade() -> None:
    """Go forward: nobody has stepped in so far."""
    for table in _TABLES:
        op.add_column(table, sa.Column("fallback_for", sa.Text(), nullable=True))


def downgrade() -> None:
    """Go back."""
    for table in _TABLES:
        op.drop_column(table, "fallback_for")
