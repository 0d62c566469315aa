"""What a column is: said once here, derived everywhere else.

Header, Arrow schema, codebook, data package and docs/reference/tables.md all come from tuples of Column.
"""

from dataclasses import dataclass
from enum import StrEnum

import pyarrow as pa


class Kind(StrEnum):
    """What the values of a column are."""

    ID = "id"
    TEXT = "text"
    JSON = "json"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of an exported table.

    Args:
        name: As in the header.
        kind: What its values are.
        description: One sentence for the codebook.
        source: Where it comes from: `table.column` of the database, or "derived" and from what.
        levels: All values that occur, where they are few and known.
        units: Of a number.
        references: Tables one of whose keys every value is, `table.column`; empty for none.
        required: Never missing.
        repeats: Few different values in many rows: worth a dictionary in Parquet.
    """

    name: str
    kind: Kind
    description: str
    source: str
    levels: tuple[str, ...] = ()
    units: str = ""
    references: tuple[str, ...] = ()
    required: bool = False
    repeats: bool = False

    @property
    def arrow_type(self) -> pa.DataType:
        """Its type in Arrow, and so in Parquet."""
        return _ARROW[self.kind]


_ARROW = {
    Kind.ID: pa.string(),
    Kind.TEXT: pa.string(),
    Kind.JSON: pa.string(),
    Kind.INTEGER: pa.int64(),
    Kind.NUMBER: pa.float64(),
    Kind.BOOLEAN: pa.bool_(),
    Kind.TIME: pa.timestamp("ms", "UTC"),
}


def arrow_schema(columns: tuple[Column, ...]) -> pa.Schema:
    """The Arrow schema of a table."""
    return pa.schema([pa.field(c.name, c.arrow_type, nullable=not c.required) for c in columns])
