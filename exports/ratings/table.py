"""The table `ratings`."""

from exports.ratings.columns import COLUMNS
from exports.ratings.extract import extract
from exports.table import Table

TABLE = Table(
    name="ratings",
    description="What participants thought of replies; one row a judgement.",
    columns=COLUMNS,
    key=("rating_id", "revision"),
    extract=extract,
)
