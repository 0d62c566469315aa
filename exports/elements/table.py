"""The table `elements`."""

from exports.elements.columns import COLUMNS
from exports.elements.extract import extract
from exports.table import Table

TABLE = Table(
    name="elements",
    description="Files and other things shown beside a message; one row an element.",
    columns=COLUMNS,
    key=("element_id",),
    extract=extract,
)
