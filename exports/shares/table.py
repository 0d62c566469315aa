"""The table `shares`."""

from exports.shares.columns import COLUMNS
from exports.shares.extract import extract
from exports.table import Table

TABLE = Table(
    name="shares",
    description="Links with which participants let others read a thread; one row a link.",
    columns=COLUMNS,
    key=("share_id",),
    extract=extract,
)
