"""The table `messages`."""

from exports.messages.columns import COLUMNS
from exports.messages.extract import extract
from exports.table import Table

TABLE = Table(
    name="messages",
    description="What participants, agents and the app said; one row a message, in its last state.",
    columns=COLUMNS,
    key=("message_id",),
    extract=extract,
)
