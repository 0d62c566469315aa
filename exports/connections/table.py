"""The table `connections`."""

from exports.connections.columns import COLUMNS
from exports.connections.extract import extract
from exports.table import Table

TABLE = Table(
    name="connections",
    description="When participants' pages were connected; one row a connection.",
    columns=COLUMNS,
    key=("connection_id",),
    extract=extract,
)
