"""The table `identities`."""

from exports.identities.columns import COLUMNS
from exports.identities.extract import extract
from exports.table import Table

TABLE = Table(
    name="identities",
    description="Who participants are; one row a name or id. Only with --include-identities.",
    columns=COLUMNS,
    key=("identity_id",),
    extract=extract,
    personal=True,
)
