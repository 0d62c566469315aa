"""What tools keep of a thread, and which decisions to act they have carried out."""

from sqlalchemy import Boolean, Column, Index, Integer, String, Table, Text

from data_layer.database.tables.parts import id_column, metadata
from data_layer.database.types import JsonColumn, UtcTime

tool_records = Table(
    "tool_records",
    metadata,
    id_column("thread_id", primary_key=True),
    Column("key", Text, primary_key=True),
    id_column("participant_id"),
    Column("value", JsonColumn),
    Column("updated_at", UtcTime, nullable=False),
)

# A row is committed before its tool acts, so that no crash makes it act twice.
tool_decisions = Table(
    "tool_decisions",
    metadata,
    Column("key", String(64), primary_key=True),  # agent/tools/keeping.py: key_of
    id_column("thread_id", nullable=False),
    id_column("participant_id"),
    id_column("run_id", nullable=False),  # whose it was the last time
    Column("tool", Text, nullable=False),
    Column("arguments", Text, nullable=False),
    Column("state", String(16), nullable=False),  # begun, ended
    Column("tries", Integer, nullable=False),
    Column("output", Text),
    Column("is_error", Boolean, nullable=False),
    Column("error_type", Text),
    Column("sentence", Text),
    Column("undone", Boolean, nullable=False),  # it ended without having done anything
    Column("began_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
    Index("ix_tool_decisions_thread_id", "thread_id"),
)
