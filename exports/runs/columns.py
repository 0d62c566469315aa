"""The columns of `runs`."""

from exports.column import Column, Kind
from exports.common import (
    branch,
    connection_id,
    deleted,
    key,
    milliseconds,
    seq,
    status,
    thread_id,
    time,
    turn,
    versions,
)

COLUMNS = (
    key("run_id", "The run.", "runs.run_id"),
    thread_id("runs"),
    Column(
        "message_id",
        Kind.ID,
        "The participant's message that it answers.",
        "runs.message_id",
        references=("messages.message_id",),
    ),
    Column(
        "message_revision",
        Kind.INTEGER,
        "The state of that message that it answers.",
        "runs.message_revision",
    ),
    connection_id("runs"),
    seq("runs"),
    turn("runs"),
    Column("name", Kind.TEXT, "What Chainlit calls it.", "runs.name", required=True, repeats=True),
    Column("agent", Kind.TEXT, "The agent that ran.", "runs.agent", repeats=True),
    Column("agent_kind", Kind.TEXT, "Its kind in the study file.", "runs.agent_kind", repeats=True),
    status("runs", "run"),
    time("started_at", "When it began.", "runs.started_at", required=True),
    time("ended_at", "When it ended.", "runs.ended_at"),
    milliseconds("ttft_ms", "From its start to the first thing shown.", "runs.ttft_ms"),
    milliseconds("latency_ms", "From its start to its end.", "runs.latency_ms"),
    Column(
        "error_type",
        Kind.TEXT,
        "What went wrong, by the provider's or the client's name.",
        "runs.error_type",
        repeats=True,
    ),
    Column(
        "error_message",
        Kind.TEXT,
        "What they said of it; the participant was shown another sentence.",
        "runs.error_message",
    ),
    *versions("runs"),
    branch("runs", "run"),
    *deleted("runs", "run", by=False),
)
