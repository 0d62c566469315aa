"""who has coded what

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

import data_layer.database.types

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_Time = data_layer.database.types.UtcTime


def upgrade() -> None:
    """Go forward: of what was given before, nobody has said yet that it is done."""
    op.add_column("coding_assignments", sa.Column("finished_at", _Time(), nullable=True))
    op.add_column("coding_assignments", sa.Column("codebook_version", sa.Integer(), nullable=True))
    op.add_column("coding_assignments", sa.Column("reopened_at", _Time(), nullable=True))


def downgrade() -> None:
    """Go back: what was given stays."""
    op.drop_column("coding_assignments", "reopened_at")
    op.drop_column("coding_assignments", "codebook_version")
    op.drop_column("coding_assignments", "finished_at")
