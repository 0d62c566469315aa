"""The columns of `identities`."""

from exports.column import Column, Kind
from exports.common import key, participant_id, time

COLUMNS = (
    key("identity_id", "The identity.", "identities.identity_id"),
    participant_id("identities", "Whose identity it is."),
    Column(
        "study_id",
        Kind.TEXT,
        "The study, as its file names it.",
        "identities.study_id",
        required=True,
        repeats=True,
    ),
    Column(
        "kind", Kind.TEXT, "What it is, such as user_name.", "identities.kind", required=True, repeats=True
    ),
    Column("value", Kind.TEXT, "The name or id, as it was typed.", "identities.value", required=True),
    time("created_at", "When it was first given.", "identities.created_at", required=True),
)
