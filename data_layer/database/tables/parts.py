"""What the tables are made of."""

from typing import Final

from sqlalchemy import Column, MetaData, String

metadata: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
# What somebody else said of a failure or an answer: `Column(..., info=FOREIGN)`. writing/foreign.py keeps
# secrets out of it.
FOREIGN: Final[dict[str, bool]] = {"foreign": True}


def id_column(name: str, *, primary_key: bool = False, nullable: bool = True) -> Column[str]:
    """A UUID, as its usual 36 characters."""
    return Column(name, String(36), primary_key=primary_key, nullable=nullable and not primary_key)
