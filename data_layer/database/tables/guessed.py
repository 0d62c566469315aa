"""How often somebody has guessed at a code or a password."""

from sqlalchemy import Column, Integer, String, Table

from data_layer.database.tables.parts import metadata
from data_layer.database.types import UtcTime

# One a name, or whatever else a limit is of, for two hours; written while several processes serve a study.
guesses = Table(
    "guesses",
    metadata,
    Column("guess_key", String(64), primary_key=True),  # SHA-256 of the limit and whose guesses they are
    Column("began_at", UtcTime, nullable=False),  # when the first of its window came
    Column("count", Integer, nullable=False),
)
