"""The columns of `connections`."""

from exports.column import Column, Kind
from exports.common import key, participant_id, time

COLUMNS = (
    key("connection_id", "The connection.", "connections.connection_id"),
    Column(
        "session_id",
        Kind.TEXT,
        "The page load that it belongs to, as Chainlit names it.",
        "connections.session_id",
        required=True,
    ),
    participant_id("connections", "Who was connected.", strict=False),
    Column(
        "thread_id",
        Kind.ID,
        "The thread that the page showed; one in which nothing was ever said is not among the threads.",
        "connections.thread_id",
        repeats=True,
    ),
    Column("user_agent", Kind.TEXT, "What the browser says it is.", "connections.user_agent", repeats=True),
    time("opened_at", "When it was opened.", "connections.opened_at", required=True),
    time("closed_at", "When it was closed; missing while it was open.", "connections.closed_at"),
    Column("close_reason", Kind.TEXT, "Why it was closed.", "connections.close_reason", repeats=True),
)
