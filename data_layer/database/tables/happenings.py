"""What happened around it."""

from sqlalchemy import BigInteger, Column, Index, SmallInteger, String, Table, Text, text

from data_layer.database.tables.parts import id_column, metadata
from data_layer.database.types import JsonColumn, UtcTime
from study.vocabulary import Transport

connections = Table(
    "connections",
    metadata,
    id_column("connection_id", primary_key=True),
    Column("session_id", Text, nullable=False),  # Chainlit's: one page load
    id_column("participant_id"),
    id_column("thread_id"),
    id_column("process_id"),  # that it is a socket of; null in what came before there was one
    Column("user_agent", Text),
    # What came before there was another way came by this one.
    Column("transport", String(16), nullable=False, server_default=Transport.WEBSOCKET.value),
    Column("opened_at", UtcTime, nullable=False),
    Column("closed_at", UtcTime),
    Column("close_reason", Text),
    Index("ix_connections_session_id", "session_id"),
    Index("ix_connections_thread_id", "thread_id"),
    # Who is here now: few among all that ever were.
    Index(
        "ix_connections_open",
        "thread_id",
        sqlite_where=text("closed_at IS NULL"),
        postgresql_where=text("closed_at IS NULL"),
    ),
    Index("ix_connections_participant_id", "participant_id"),
)

events = Table(
    "events",
    metadata,
    id_column("event_id", primary_key=True),
    id_column("thread_id"),
    id_column("participant_id"),
    id_column("run_id"),
    id_column("connection_id"),
    Column("seq", BigInteger, nullable=False),
    Column("type", String(64), nullable=False),
    Column("target", Text),
    Column("payload", JsonColumn),
    Column("timestamp", UtcTime, nullable=False),
    Index("ix_events_thread_id_seq", "thread_id", "seq"),
    # What is of no thread: found when its participant is withdrawn.
    Index("ix_events_participant_id", "participant_id"),
)

# One row a process that has written: written in each batch's own transaction (data_layer/writing/marks.py).
processes = Table(
    "processes",
    metadata,
    id_column("process_id", primary_key=True),
    Column("last_batch", BigInteger, nullable=False),
    Column("beat_at", UtcTime, nullable=False),  # when it wrote last, or showed that it lives
    Column("slot", SmallInteger),  # of its numbers (database/order.py); null when it is gone
    Column("app_version", Text),
    Column("host", Text),  # the machine's name, for operators alone
    Column("started_at", UtcTime),
    Column("health", JsonColumn),  # how its writer is, at its last beat
)

# One row a replayed journal entry, written in the entry's own transaction: exactly once.
journal_applied = Table(
    "journal_applied",
    metadata,
    Column("entry_id", String(36), primary_key=True),
    Column("applied_at", UtcTime, nullable=False),
)
