"""The table `events`."""

from exports.events.columns import COLUMNS
from exports.events.extract import extract
from exports.table import Table

TABLE = Table(
    name="events",
    description="What else happened, such as a thread renamed or deleted; one row an event.",
    columns=COLUMNS,
    key=("event_id",),
    extract=extract,
)
