"""The table `threads`."""

from exports.table import Table
from exports.threads.columns import COLUMNS
from exports.threads.extract import extract

TABLE = Table(
    name="threads",
    description="Conversations; one row a thread.",
    columns=COLUMNS,
    key=("thread_id",),
    extract=extract,
)
