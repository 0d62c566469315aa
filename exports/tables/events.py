"""The table `events`: what else happened."""

from data_layer.database import schema
from exports.columns.column import Column
from exports.columns.field import Kind
from exports.columns.scope import Scope, with_thread
from exports.columns.shared import connection_id, key, participant_id, run_id, seq, time
from exports.columns.sql import milliseconds_between
from exports.columns.table import ExportTable, Extract

events, threads = schema.events, schema.threads

COLUMNS = (
    key("event_id", "The event.", events.c.event_id),
    Column(
        "thread_id",
        Kind.ID,
        "The thread that it happened in; missing where it happened outside of any.",
        value=events.c.thread_id,
        repeats=True,
    ),
    participant_id(events, "Whom it concerns.", strict=False),
    run_id(events, strict=False),
    connection_id(events, strict=False),
    seq(events),
    time("timestamp", "When it happened.", events.c.timestamp, required=True),
    Column(
        "t_ms",
        Kind.INTEGER,
        "The same, from the beginning of its thread.",
        value=milliseconds_between(threads.c.created_at, events.c.timestamp),
        units="milliseconds",
    ),
    Column("type", Kind.TEXT, "What happened.", value=events.c.type, required=True, repeats=True),
    Column("target", Kind.TEXT, "What it happened to.", value=events.c.target),
    Column("payload", Kind.JSON, "A JSON object of what else there is to say.", value=events.c.payload),
)


def extract(scope: Scope) -> Extract:
    """What happened in the chosen threads; without a filter also what happened outside of any."""
    return Extract(
        source=with_thread(events),
        where=scope.threads(),
        order=(events.c.thread_id, events.c.seq, events.c.event_id),
        touched=(),
        moved=(events.c.seq, events.c.timestamp),
        around=frozenset({"t_ms"}),
    )


TABLE = ExportTable(
    name="events",
    description="What else happened, such as a thread renamed or deleted; one row an event.",
    columns=COLUMNS,
    key=("event_id",),
    extract=extract,
)
