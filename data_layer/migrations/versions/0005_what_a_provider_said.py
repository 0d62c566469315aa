"""what a provider said of a call that no column holds

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

import data_layer.database.types

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.add_column("llm_calls", sa.Column("details", data_layer.database.types.JsonColumn, nullable=True))


def downgrade() -> None:
    """Go back; what only it holds is gone then."""
    op.drop_column("llm_calls", "details")
