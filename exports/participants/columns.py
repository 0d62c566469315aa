"""The columns of `participants`."""

from exports.column import Column, Kind
from exports.common import key, time

COLUMNS = (
    key("participant_id", "The participant's pseudonym.", "participants.participant_id"),
    Column(
        "study_id",
        Kind.TEXT,
        "The study, as its file names it.",
        "participants.study_id",
        required=True,
        repeats=True,
    ),
    Column(
        "source",
        Kind.TEXT,
        "How they came, such as login or simulation.",
        "participants.source",
        required=True,
        repeats=True,
    ),
    time("created_at", "When they first came.", "participants.created_at", required=True),
    Column(
        "thread_count",
        Kind.INTEGER,
        "How many threads of theirs are in this export's scope.",
        "derived: counted in threads",
        required=True,
    ),
)
