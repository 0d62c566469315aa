"""The columns of `ratings`."""

from exports.column import Column, Kind
from exports.common import deleted, participant_id, run_id, thread_id, time

COLUMNS = (
    Column(
        "rating_id",
        Kind.ID,
        "The rating, the same through every change of mind.",
        "ratings.rating_id",
        required=True,
    ),
    Column("revision", Kind.INTEGER, "Which state of it, from 1.", "ratings.revision", required=True),
    Column(
        "is_current",
        Kind.BOOLEAN,
        "Whether it is what the participant thinks now: neither changed nor taken back.",
        "ratings.is_current",
        required=True,
    ),
    thread_id("ratings"),
    Column(
        "message_id",
        Kind.ID,
        "The reply that was rated.",
        "ratings.message_id",
        references=("messages.message_id",),
        required=True,
    ),
    run_id("ratings"),
    participant_id("ratings", "Who rated."),
    Column("value", Kind.INTEGER, "1 for up, 0 for down.", "ratings.value", required=True),
    Column(
        "reasons",
        Kind.JSON,
        "A JSON array of the reasons that were ticked, in the study file's words; missing for none.",
        "ratings.reasons",
    ),
    Column("comment", Kind.TEXT, "What they added.", "ratings.comment"),
    time("created_at", "When they rated.", "ratings.created_at", required=True),
    *deleted("ratings", "rating", by=False, because=False),
)
