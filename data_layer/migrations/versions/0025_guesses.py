"""how often codes and passwords were guessed, in all processes together

Revision ID: 0025
Revises: 0024
"""

import sqlalchemy as sa
from alembic import op

from data_layer.database.types import UtcTime

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "guesses",
        sa.Column("guess_key", sa.String(64), nullable=False),
        sa.Column("began_at", UtcTime(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("guess_key", name="pk_guesses"),
    )


def downgrade() -> None:
    """Go back: each process counts for itself."""
    op.drop_table("guesses")
