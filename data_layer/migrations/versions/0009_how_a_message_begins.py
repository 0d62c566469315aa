"""the list shows how a thread's last message begins

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward; what is kept of each message is as data_layer/writing/statements.py keeps it."""
    op.add_column("threads", sa.Column("opening", sa.Text(), nullable=False, server_default=""))
    op.get_bind().execute(
        sa.text(
            "UPDATE threads SET opening = coalesce((SELECT substr(ltrim(steps.output, :spaces), 1, 240) "
            "FROM steps WHERE steps.thread_id = threads.thread_id AND steps.deleted_at IS NULL "
            "AND steps.type IN ('user_message', 'assistant_message', 'system_message') "
            "ORDER BY steps.seq DESC LIMIT 1), '')"
        ),
        {"spaces": " \t\r\n"},
    )


def downgrade() -> None:
    """Go back; it is derived."""
    op.drop_column("threads", "opening")
