"""What a column is: said once here, derived everywhere else.

Its select, the header, the Arrow schema, the codebook, the data package and docs/reference/tables.md all come
from tuples of Column. Where a value comes from is not said beside its expression but read off it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sqlalchemy import Column as StoredColumn
from sqlalchemy import ColumnClause, ColumnElement, Subquery
from sqlalchemy.sql.visitors import ExternallyTraversible

from exports.columns.field import Field
from exports.columns.scope import Scope

# Some values are others where what has left the screen is exported too.
Value = ColumnElement[Any] | Callable[[Scope], ColumnElement[Any]]


@dataclass(frozen=True)
class Column(Field):
    """One column of an exported table.

    Args:
        value: The expression that its values are; a function of the scope where they depend on it.

    Raises:
        TypeError: There is no expression.
    """

    value: Value = field(kw_only=True, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not isinstance(self.value, ColumnElement) and not callable(self.value):
            raise TypeError(f"The column {self.name} has no expression. Write it like: value=runs.c.agent")

    def expression(self, scope: Scope) -> ColumnElement[Any]:
        """The expression of its values.

        Args:
            scope: What is exported.
        """
        return self.value if isinstance(self.value, ColumnElement) else self.value(scope)

    @cached_property
    def source(self) -> str:
        """Where its values come from: `table.column` of the database, or "derived from: " and all it reads.

        Of a value that depends on the scope it is what both read: an export of what stands on the screen, and
        one of all that was ever kept.

        Raises:
            ValueError: Its expression reads nothing of the database.
        """
        scopes = (Scope(), Scope().everything)
        read = list(dict.fromkeys(name for scope in scopes for name in columns_read(self.expression(scope))))
        if not read:
            raise ValueError(f"The column {self.name} reads nothing of the database.")
        return read[0] if isinstance(self.value, StoredColumn) else f"derived from: {', '.join(read)}"


def columns_read(expression: ExternallyTraversible) -> Iterator[str]:
    """The columns of the database that an expression reads, within its selects too.

    Args:
        expression: Any of SQLAlchemy's.

    Yields:
        Their names, `table.column`, as often as they are read.
    """
    if isinstance(expression, ColumnClause):
        # One of a subselect stands for all that the subselect reads, one of an alias for the table's own.
        if isinstance(expression.table, Subquery):
            yield from columns_read(expression.table.element)
        elif isinstance(expression, StoredColumn):
            yield from (f"{one.table.name}.{one.name}" for one in expression.base_columns)
        return
    for part in expression.get_children():
        yield from columns_read(part)
