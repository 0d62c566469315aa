"""How much an export would hold, and its first rows: before it is made, by the same selects."""

from collections.abc import Iterator
from typing import Any, Final

from exports.checks import check_options
from exports.choosing import scope_of
from exports.columns.field import Field, Kind
from exports.options import ExportOptions
from exports.registry import tables_for
from exports.rows.taking import take_snapshot
from exports.rows.vectors import vector_texts
from exports.sources import first_rows
from study.text import beginning

ROWS: Final = 10
# Of a long text: what a line of a table has room for, several times.
LONGEST: Final = 200


def preview(
    url: str, options: ExportOptions, *, show: str = "", rows: int = ROWS
) -> Iterator[dict[str, Any]]:
    """Take a look, and count: what is known at once comes first, each table as it is counted.

    Args:
        url: The database's address.
        options: What is asked for; formats are not looked at.
        show: The table that is looked into; the first one when it is not among those asked for.
        rows: How many of its rows.

    Yields:
        For JSON. First `threads`, how many were found, null when none were looked for; `tables`, the names of
        those that will be counted; `shown`, of the table looked into its name, columns and rows, long texts
        cut. Then of each table its `name` and its number of `rows`.

    Raises:
        ExportError: The options will not do.
        DatabaseError: The database cannot be read.
    """
    tables = tables_for(options)
    with take_snapshot(url) as snapshot:
        check_options(snapshot, options)
        scope = scope_of(snapshot, options)
        shown = next((table for table in tables if table.name == show), tables[0])
        columns, first = first_rows(snapshot, shown, scope, rows)
        yield {
            "threads": None if scope.listed is None else len(scope.listed),
            "tables": [table.name for table in tables],
            "shown": {
                "name": shown.name,
                "columns": [column.name for column in columns],
                "rows": [
                    [_value(column, value) for column, value in zip(columns, row, strict=True)]
                    for row in first
                ],
            },
        }
        for table in tables:
            yield {"name": table.name, "rows": snapshot.number(table.count(scope))}


def _value(column: Field, value: Any) -> Any:
    if value is not None and column.kind is Kind.BOOLEAN:
        return bool(value)
    if column.kind is Kind.VECTOR:
        value = vector_texts([value])[0].as_py()
    if isinstance(value, str) and len(value) > LONGEST:
        return f"{beginning(value, LONGEST)}…"
    return value
