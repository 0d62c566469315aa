"""What participants wanted done, and how far it came."""

from sqlalchemy import BigInteger, Column, Float, Index, String, Table, Text, text

from data_layer.database.tables.parts import id_column, metadata
from data_layer.database.types import JsonColumn, UtcTime

# As its moves that stand on the screen have left it (data_layer/writing/apply/intents.py).
intents = Table(
    "intents",
    metadata,
    id_column("intent_id", primary_key=True),
    id_column("thread_id", nullable=False),
    id_column("message_id"),  # the participant's message that it began with
    Column("seq", BigInteger, nullable=False),
    Column("agent", Text),
    Column("name", Text, nullable=False),  # as the study names it
    Column("title", Text, nullable=False),  # as the participant reads it
    Column("score", Float),  # how sure the agent was
    Column("state", String(16), nullable=False),  # study.intents.IntentState
    Column("cause", Text),  # of its last move
    Column("parameters", JsonColumn),
    Column("agent_state", JsonColumn),  # what its agent wants to be given again
    Column("began_at", UtcTime, nullable=False),
    Column("last_activity_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
    Column("deleted_at", UtcTime),  # left the screen with what it began with
    Column("deleted_because", String(16)),
    Column("branch", Text),  # as in steps
    Index("ix_intents_thread_id_seq", "thread_id", "seq"),
    # What may have been left by its participant: few.
    Index(
        "ix_intents_active",
        "last_activity_at",
        sqlite_where=text("state = 'active'"),
        postgresql_where=text("state = 'active'"),
    ),
)

# Each move of an intent, and each change of its parameters, with the parameters as it left them.
intent_moves = Table(
    "intent_moves",
    metadata,
    id_column("move_id", primary_key=True),
    id_column("intent_id", nullable=False),
    id_column("thread_id", nullable=False),
    id_column("run_id"),  # in which it happened; null for what the app or the participant did
    id_column("message_id"),  # that the run answers
    id_column("connection_id"),
    Column("seq", BigInteger, nullable=False),
    Column("move", String(16), nullable=False),  # study.intents.IntentMove
    Column("state", String(16), nullable=False),  # that it led to
    Column("cause", Text),
    Column("parameters", JsonColumn),
    Column("agent_state", JsonColumn),
    Column("timestamp", UtcTime, nullable=False),
    Column("deleted_at", UtcTime),
    Column("deleted_because", String(16)),
    Column("branch", Text),  # as in steps
    Index("ix_intent_moves_thread_id_seq", "thread_id", "seq"),
)
