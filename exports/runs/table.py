"""The table `runs`."""

from exports.runs.columns import COLUMNS
from exports.runs.extract import extract
from exports.table import Table

TABLE = Table(
    name="runs",
    description="The processing of turns; one row a run.",
    columns=COLUMNS,
    key=("run_id",),
    extract=extract,
)
