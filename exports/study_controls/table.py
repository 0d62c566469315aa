"""The table `study_controls`."""

from exports.study_controls.columns import COLUMNS
from exports.study_controls.extract import extract
from exports.table import Table

TABLE = Table(
    name="study_controls",
    description="When the study was opened, paused and ended; one row a change.",
    columns=COLUMNS,
    key=("control_id",),
    extract=extract,
)
