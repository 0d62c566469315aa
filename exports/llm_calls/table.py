"""The table `llm_calls`."""

from exports.llm_calls.columns import COLUMNS
from exports.llm_calls.extract import extract
from exports.table import Table

TABLE = Table(
    name="llm_calls",
    description="What was asked of models, and what it took; one row a call.",
    columns=COLUMNS,
    key=("llm_call_id",),
    extract=extract,
)
