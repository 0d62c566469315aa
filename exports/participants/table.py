"""The table `participants`."""

from exports.participants.columns import COLUMNS
from exports.participants.extract import extract
from exports.table import Table

TABLE = Table(
    name="participants",
    description="Who took part, by pseudonym; one row a participant.",
    columns=COLUMNS,
    key=("participant_id",),
    extract=extract,
)
