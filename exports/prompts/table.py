"""The table `prompts`."""

from exports.prompts.columns import COLUMNS
from exports.prompts.extract import extract
from exports.table import Table

TABLE = Table(
    name="prompts",
    description="The exact messages that were sent to models; one row a different prompt.",
    columns=COLUMNS,
    key=("prompt_hash",),
    extract=extract,
)
