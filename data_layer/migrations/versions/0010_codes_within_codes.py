"""codes within codes

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.add_column("codes", sa.Column("parent_id", sa.String(length=36), nullable=True))


def downgrade() -> None:
    """Go back: each code stands by itself again."""
    op.drop_column("codes", "parent_id")
