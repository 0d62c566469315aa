"""Where threads came from that were not held here."""

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, Text

from data_layer.database.tables.parts import id_column, metadata
from data_layer.database.types import JsonColumn, UtcTime

# One row a thread that `cli.py import` brought in; its participant's `source` says so, too.
imports = Table(
    "imports",
    metadata,
    id_column("thread_id", primary_key=True),
    Column("source", String(32), nullable=False),  # which of imports/sources read it
    Column("source_id", Text, nullable=False),  # the thread's id there: it may say who somebody is
    Column("file_sha256", String(64)),  # of the file; null where it was a database
    Column("content_sha256", String(64), nullable=False),  # of what was read of it, to know it again
    Column("place", BigInteger, nullable=False),  # the line, or the place among the threads, from 1
    Column("message_count", Integer, nullable=False),  # messages and steps that were read
    Column("times", String(16), nullable=False),  # imports.foreign.Times
    Column("origin", JsonColumn),  # what else was kept there of the thread, and who is named in it
    Column("imported_at", UtcTime, nullable=False),
    Index("ix_imports_source_source_id", "source", "source_id"),
)
