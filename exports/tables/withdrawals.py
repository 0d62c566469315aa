"""The columns of `withdrawals`."""

from exports.column import Column, Kind
from exports.common import key, participant_id, time

COLUMNS = (
    key(
        "withdrawal_id",
        "The withdrawal, and the number of the participant's receipt.",
        "withdrawals.withdrawal_id",
    ),
    participant_id("withdrawals", "Who has withdrawn. Nothing of theirs is kept but this.", strict=False),
    Column(
        "study_id",
        Kind.TEXT,
        "The study, as its file names it.",
        "withdrawals.study_id",
        required=True,
        repeats=True,
    ),
    Column(
        "requested_by",
        Kind.TEXT,
        "Who asked for it: the participant, on their own page, or a researcher.",
        "withdrawals.requested_by",
        levels=("participant", "researcher"),
        required=True,
        repeats=True,
    ),
    time("withdrawn_at", "When everything was erased.", "withdrawals.withdrawn_at", required=True),
    Column(
        "counts",
        Kind.JSON,
        "A JSON object: how much was erased: threads, messages, files, and rows by table.",
        "withdrawals.counts",
        required=True,
    ),
    Column(
        "export_ids",
        Kind.JSON,
        "A JSON list of exports that were made in the researchers' room before and may hold copies.",
        "withdrawals.export_ids",
        required=True,
    ),
)
