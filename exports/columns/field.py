"""What a column of a file holds: its name, its kind, and what it means."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import pyarrow as pa

# A vector in Parquet; "element" is what Parquet itself calls what is in a list.
LIST: Final = pa.list_(pa.field("element", pa.float32()))


class Kind(StrEnum):
    """What the values of a column are."""

    ID = "id"
    TEXT = "text"
    JSON = "json"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    TIME = "time"
    VECTOR = "vector"


@dataclass(frozen=True, slots=True)
class Field:
    """A column as a file has it, wherever its values come from.

    Args:
        name: As in the header.
        kind: What its values are.
        description: One sentence for the codebook.
        levels: All values that occur, where they are few and known.
        units: Of a number.
        references: Tables one of whose keys every value is, `table.column`; empty for none.
        required: Never missing.
        repeats: Few different values in many rows: worth a dictionary in Parquet.
        labels: What values are called, each with its words, where these are others.
    """

    name: str
    kind: Kind
    description: str
    levels: tuple[str, ...] = ()
    units: str = ""
    references: tuple[str, ...] = ()
    required: bool = False
    repeats: bool = False
    labels: tuple[tuple[str | float, str], ...] = ()

    @property
    def arrow_type(self) -> pa.DataType:
        """Its type in Arrow."""
        return _ARROW[self.kind]

    @property
    def stored_type(self) -> pa.DataType:
        """Its type in Parquet, which has lists of numbers."""
        return LIST if self.kind is Kind.VECTOR else self.arrow_type


_ARROW = {
    Kind.ID: pa.string(),
    Kind.TEXT: pa.string(),
    Kind.JSON: pa.string(),
    Kind.INTEGER: pa.int64(),
    Kind.NUMBER: pa.float64(),
    Kind.BOOLEAN: pa.bool_(),
    Kind.TIME: pa.timestamp("ms", "UTC"),
    Kind.VECTOR: pa.string(),
}


def arrow_schema(fields: Sequence[Field]) -> pa.Schema:
    """The Arrow schema of a table."""
    return pa.schema([pa.field(one.name, one.arrow_type, nullable=not one.required) for one in fields])


def stored_schema(fields: Sequence[Field]) -> pa.Schema:
    """The same as Parquet has it."""
    return pa.schema([pa.field(one.name, one.stored_type, nullable=not one.required) for one in fields])
