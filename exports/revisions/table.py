"""The table `revisions`."""

from exports.revisions.columns import COLUMNS
from exports.revisions.extract import extract
from exports.table import Table

TABLE = Table(
    name="revisions",
    description="Every state that a message or step was ever in; one row a state.",
    columns=COLUMNS,
    key=("step_id", "revision"),
    extract=extract,
)
