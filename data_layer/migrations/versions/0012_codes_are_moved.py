"""codes are moved among those beside them

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward: what nobody has moved stands where it was added."""
    op.add_column("codes", sa.Column("place", sa.Float(), nullable=True))


def downgrade() -> None:
    """Go back: each code stands where it was added."""
    op.drop_column("codes", "place")
