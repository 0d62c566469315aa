"""The table `codes`."""

from exports.codes.columns import COLUMNS
from exports.codes.extract import extract
from exports.table import Table

TABLE = Table(
    name="codes",
    description="The researchers' codebook; one row a version of a code.",
    columns=COLUMNS,
    key=("code_id", "codebook_version"),
    extract=extract,
)
