"""What was said and shown, and what is attached to it."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, String, Table, Text, text, true

from data_layer.database.tables.parts import id_column, metadata
from data_layer.database.types import JsonColumn, UtcTime

threads = Table(
    "threads",
    metadata,
    id_column("thread_id", primary_key=True),
    id_column("participant_id"),  # null only for a thread whose owner Chainlit did not know
    Column("study_id", Text, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("agent", Text),
    Column("title", Text, nullable=False, default=""),
    Column("renamed", Boolean, nullable=False, default=False),
    Column("preview", Text, nullable=False, default=""),  # last 60 characters of the last message
    Column("opening", Text, nullable=False, default="", server_default=""),  # its beginning, for the list
    Column("message_count", Integer, nullable=False, default=0),  # living messages
    Column("turn_count", Integer, nullable=False, default=0, server_default="0"),  # the participant's of them
    Column("state", String(16), nullable=False),  # study.vocabulary.ThreadState
    Column("tags", JsonColumn),
    Column("metadata", JsonColumn),
    Column("created_at", UtcTime, nullable=False),
    Column("last_activity_at", UtcTime, nullable=False),  # the participant's last message
    Column("ended_at", UtcTime),
    Column("archived_at", UtcTime),  # off the list, for another made it one too many; not deleted
    Column("app_version", Text, nullable=False),
    Column("study_fingerprint", String(64), nullable=False),
    Column("version", BigInteger, nullable=False),  # order of the newest write
    id_column("open_form_id"),  # the form under its last reply, while it waits for an answer
    Column("deleted_at", UtcTime),
    id_column("deleted_by"),
    # Without deleted threads: PostgreSQL takes no order from an index behind an IS NULL column, and sorts.
    Index(
        "ix_threads_sidebar",
        "participant_id",
        "last_activity_at",
        "thread_id",
        sqlite_where=text("deleted_at IS NULL"),
        postgresql_where=text("deleted_at IS NULL"),
    ),
    # The researchers' table of threads. Its order by length has none: each message would write it.
    Index("ix_threads_last_activity_at", "last_activity_at", "thread_id"),
    Index("ix_threads_created_at", "created_at", "thread_id"),
    # What a participant can restore.
    Index(
        "ix_threads_deleted",
        "participant_id",
        "deleted_at",
        sqlite_where=text("deleted_at IS NOT NULL"),
        postgresql_where=text("deleted_at IS NOT NULL"),
    ),
)

# Messages and the agent's visible work: Chainlit's steps, without its runs.
steps = Table(
    "steps",
    metadata,
    id_column("step_id", primary_key=True),
    id_column("thread_id", nullable=False),
    id_column("parent_id"),
    id_column("run_id"),
    id_column("connection_id"),
    id_column("intent_id"),
    Column("seq", BigInteger, nullable=False),
    Column("turn", Integer),  # 1 for the first participant message and all that answered it
    Column("type", String(32), nullable=False),  # study.vocabulary.StepType
    Column("name", Text, nullable=False),  # author of a message, name of a tool
    Column("agent", Text),  # on what an agent said or did
    Column("status", String(16), nullable=False),  # study.vocabulary.Status
    Column("revision", Integer, nullable=False),  # the current one; 1 is the first
    Column("input", Text, nullable=False, default=""),
    Column("output", Text, nullable=False, default=""),  # a message's content
    Column("is_error", Boolean, nullable=False, default=False),
    # Whether the participant's screen had it: of an agent's thinking a study may show nothing.
    Column("shown", Boolean, nullable=False, default=True, server_default=true()),
    Column("cut_off", String(16)),  # what stood under a reply that broke off: study.vocabulary.CutOff
    Column("fallback_for", Text),  # on a reply: the agent that could not answer, where another stepped in
    Column("created_at", UtcTime, nullable=False),
    Column("started_at", UtcTime),
    Column("ended_at", UtcTime),
    Column("metadata", JsonColumn),
    Column("display", JsonColumn),  # how Chainlit's page draws it: language, icon, showInput, tags, ...
    Column("version", BigInteger, nullable=False),  # order of the newest write; older ones never win
    Column("deleted_at", UtcTime),
    id_column("deleted_by"),  # a participant_id, or null for the app
    Column("deleted_because", String(16)),  # "edited", "removed", "retried", "switched"
    # The branch that it left the screen with, and comes back with: "<message_id>/<revision>" for what
    # followed a message as it then read, "<run_id>" for a reply and what followed it.
    Column("branch", Text),
    Index("ix_steps_thread_id_seq", "thread_id", "seq"),
    Index("ix_steps_run_id", "run_id"),
    # Counts a thread's living messages, and finds the last, without reading their texts.
    Index("ix_steps_living", "thread_id", "deleted_at", "type", "seq"),
    # Which threads hold a message that was said otherwise first.
    Index(
        "ix_steps_edited",
        "thread_id",
        sqlite_where=text("revision > 1"),
        postgresql_where=text("revision > 1"),
    ),
    # What a killed process left open; nearly always empty.
    Index(
        "ix_steps_streaming",
        "status",
        sqlite_where=text("status = 'streaming'"),
        postgresql_where=text("status = 'streaming'"),
    ),
)

step_revisions = Table(
    "step_revisions",
    metadata,
    id_column("step_id", primary_key=True),
    Column("revision", Integer, primary_key=True),
    id_column("thread_id", nullable=False),
    id_column("run_id"),
    Column("input", Text, nullable=False, default=""),
    Column("output", Text, nullable=False, default=""),
    Column("status", String(16), nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Index("ix_step_revisions_thread_id", "thread_id"),
)

elements = Table(
    "elements",
    metadata,
    id_column("element_id", primary_key=True),
    id_column("thread_id", nullable=False),
    id_column("message_id"),
    Column("seq", BigInteger, nullable=False),
    Column("type", String(32), nullable=False),
    Column("name", Text, nullable=False),
    Column("mime", Text),
    Column("size_bytes", BigInteger),
    Column("sha256", String(64)),
    Column("file", Text),  # below the data folder's files/
    Column("url", Text),  # only where the app gave an address of its own
    Column("display", JsonColumn),
    Column("props", JsonColumn),
    Column("created_at", UtcTime, nullable=False),
    Column("deleted_at", UtcTime),
    id_column("deleted_by"),
    Index("ix_elements_thread_id_seq", "thread_id", "seq"),
)
