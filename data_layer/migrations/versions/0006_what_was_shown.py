"""whether a step was shown, and what stood under a reply that broke off

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward; all that is there was shown."""
    op.add_column("steps", sa.Column("shown", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.add_column("steps", sa.Column("cut_off", sa.String(length=16), nullable=True))


def downgrade() -> None:
    """Go back; what was never shown has no place there, for everything that it holds is shown."""
    op.execute("DELETE FROM steps WHERE NOT shown")
    with op.batch_alter_table("steps") as steps:
        steps.drop_column("cut_off")
        steps.drop_column("shown")
