"""The table `threads`: conversations."""

from data_layer.database import schema
from exports.columns.column import Column
from exports.columns.field import Kind
from exports.columns.scope import Scope
from exports.columns.shared import (
    deleted,
    key,
    participant_id,
    seq,
    source,
    study_id,
    time,
    versions,
)
from exports.columns.table import LEAVING, ExportTable, Extract
from study.vocabulary import ThreadState

threads = schema.threads

COLUMNS = (
    key("thread_id", "The thread.", threads.c.thread_id),
    participant_id(threads, "Whose thread it is."),
    source(),
    study_id(threads),
    seq(threads),
    Column(
        "agent", Kind.TEXT, "The agent that was chosen for the thread.", value=threads.c.agent, repeats=True
    ),
    Column(
        "title",
        Kind.TEXT,
        "The title in the sidebar: the beginning of the first message, or the participant's own.",
        value=threads.c.title,
        required=True,
    ),
    Column(
        "renamed",
        Kind.BOOLEAN,
        "Whether the participant chose the title.",
        value=threads.c.renamed,
        required=True,
    ),
    Column(
        "state",
        Kind.TEXT,
        "Where the thread stands in its study.",
        value=threads.c.state,
        levels=tuple(one.value for one in ThreadState),
        required=True,
        repeats=True,
    ),
    Column(
        "turn",
        Kind.INTEGER,
        "How many turns it has: the participant's messages that stand on the screen.",
        value=threads.c.turn_count,
        required=True,
    ),
    Column(
        "message_count",
        Kind.INTEGER,
        "How many messages stand on the screen, from whomever.",
        value=threads.c.message_count,
        required=True,
    ),
    time("created_at", "When it began.", threads.c.created_at, required=True),
    time(
        "last_activity_at",
        "When the participant's last message came.",
        threads.c.last_activity_at,
        required=True,
    ),
    time("ended_at", "When it was completed.", threads.c.ended_at),
    time(
        "archived_at",
        "When it was archived, for another made it one too many; missing while it is on the list.",
        threads.c.archived_at,
    ),
    Column("tags", Kind.JSON, "A JSON list of tags.", value=threads.c.tags),
    Column(
        "metadata", Kind.JSON, "A JSON object of what else is kept with the thread.", value=threads.c.metadata
    ),
    *versions(threads),
    *deleted(threads, "thread", because=False),
)


def extract(scope: Scope) -> Extract:
    """The chosen threads."""
    return Extract(
        source=threads,
        where=scope.threads(),
        order=(threads.c.thread_id,),
        touched=(threads.c.version, threads.c.last_activity_at),
        moved=(threads.c.deleted_at,),
        around=LEAVING | {"participant_id", "source", "agent", "turn", "message_count", "last_activity_at"},
        fixed=frozenset({"study_id", "seq", "created_at", "app_version", "study_fingerprint"}),
    )


TABLE = ExportTable(
    name="threads",
    description="Conversations; one row a thread.",
    columns=COLUMNS,
    key=("thread_id",),
    extract=extract,
)
