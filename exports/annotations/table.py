"""The table `annotations`."""

from exports.annotations.columns import COLUMNS
from exports.annotations.extract import extract
from exports.table import Table

TABLE = Table(
    name="annotations",
    description="Codes and notes that researchers put on threads, turns and words; one row an annotation.",
    columns=COLUMNS,
    key=("annotation_id",),
    extract=extract,
)
