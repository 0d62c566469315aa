"""The table `steps`."""

from exports.steps.columns import COLUMNS
from exports.steps.extract import extract
from exports.table import Table

TABLE = Table(
    name="steps",
    description="The agents' visible work under a reply: thinking, tool calls, retrieval; one row a step.",
    columns=COLUMNS,
    key=("step_id",),
    extract=extract,
)
