"""what was drawn for a turn

Revision ID: 0028
Revises: 0027
"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

_COLUMNS = (("turn_level", sa.Text()), ("turn_probability", sa.Float()), ("turn_draw", sa.Text()))


def upgrade() -> None:
    """Go forward: nothing was drawn so far."""
    for name, kind in _COLUMNS:
        op.add_column("runs", sa.Column(name, kind, nullable=True))


def downgrade() -> None:
    """Go back."""
    for name, _ in reversed(_COLUMNS):
        op.drop_column("runs", name)
