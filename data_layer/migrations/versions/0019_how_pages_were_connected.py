"""how a page was connected

Revision ID: 0019
Revises: 0018
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward: until now there was one way."""
    transport = sa.Column("transport", sa.String(16), nullable=False, server_default="websocket")
    op.add_column("connections", transport)


def downgrade() -> None:
    """Go back."""
    op.drop_column("connections", "transport")
