"""The columns of `events`."""

from exports.column import Column, Kind
from exports.common import connection_id, key, participant_id, run_id, seq, time

COLUMNS = (
    key("event_id", "The event.", "events.event_id"),
    Column(
        "thread_id",
        Kind.ID,
        "The thread that it happened in; missing where it happened outside of any.",
        "events.thread_id",
        repeats=True,
    ),
    participant_id("events", "Whom it concerns.", strict=False),
    run_id("events", strict=False),
    connection_id("events", strict=False),
    seq("events"),
    time("timestamp", "When it happened.", "events.timestamp", required=True),
    Column(
        "t_ms",
        Kind.INTEGER,
        "The same, from the beginning of its thread.",
        "derived: events.timestamp, threads.created_at",
        units="milliseconds",
    ),
    Column("type", Kind.TEXT, "What happened.", "events.type", required=True, repeats=True),
    Column("target", Kind.TEXT, "What it happened to.", "events.target"),
    Column("payload", Kind.JSON, "A JSON object of what else there is to say.", "events.payload"),
)
