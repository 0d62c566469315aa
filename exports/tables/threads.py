"""The columns of `threads`."""

from exports.column import Column, Kind
from exports.common import deleted, key, participant_id, seq, time, versions
from study.vocabulary import ThreadState

COLUMNS = (
    key("thread_id", "The thread.", "threads.thread_id"),
    participant_id("threads", "Whose thread it is."),
    Column(
        "study_id",
        Kind.TEXT,
        "The study, as its file names it.",
        "threads.study_id",
        required=True,
        repeats=True,
    ),
    seq("threads"),
    Column("agent", Kind.TEXT, "The agent that was chosen for the thread.", "threads.agent", repeats=True),
    Column(
        "title",
        Kind.TEXT,
        "The title in the sidebar: the beginning of the first message, or the participant's own.",
        "threads.title",
        required=True,
    ),
    Column(
        "renamed", Kind.BOOLEAN, "Whether the participant chose the title.", "threads.renamed", required=True
    ),
    Column(
        "state",
        Kind.TEXT,
        "Where the thread stands in its study.",
        "threads.state",
        levels=tuple(one.value for one in ThreadState),
        required=True,
        repeats=True,
    ),
    Column(
        "turn",
        Kind.INTEGER,
        "How many turns it has: the participant's messages that stand on the screen.",
        "threads.turn_count",
        required=True,
    ),
    Column(
        "message_count",
        Kind.INTEGER,
        "How many messages stand on the screen, from whomever.",
        "threads.message_count",
        required=True,
    ),
    time("created_at", "When it began.", "threads.created_at", required=True),
    time(
        "last_activity_at",
        "When the participant's last message came.",
        "threads.last_activity_at",
        required=True,
    ),
    time("ended_at", "When it was completed.", "threads.ended_at"),
    Column("tags", Kind.JSON, "A JSON list of tags.", "threads.tags"),
    Column("metadata", Kind.JSON, "A JSON object of what else is kept with the thread.", "threads.metadata"),
    *versions("threads"),
    *deleted("threads", "thread", because=False),
)
