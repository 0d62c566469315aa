"""The table `withdrawals`."""

from exports.table import Table
from exports.withdrawals.columns import COLUMNS
from exports.withdrawals.extract import extract

TABLE = Table(
    name="withdrawals",
    description="Participants who have withdrawn, with how much was erased; one row a withdrawal.",
    columns=COLUMNS,
    key=("withdrawal_id",),
    extract=extract,
)
