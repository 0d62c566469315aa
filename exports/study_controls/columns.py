"""The columns of `study_controls`."""

from exports.column import Column, Kind
from exports.common import key, time
from study.vocabulary import StudyState

COLUMNS = (
    key("control_id", "The change.", "study_controls.control_id"),
    Column(
        "study_id",
        Kind.TEXT,
        "The study, as its file names it.",
        "study_controls.study_id",
        required=True,
        repeats=True,
    ),
    Column(
        "state",
        Kind.TEXT,
        "What the study was from then on: open, paused (nobody new came in), or ended (nobody came in "
        "or wrote).",
        "study_controls.state",
        levels=tuple(state.value for state in StudyState),
        required=True,
        repeats=True,
    ),
    time("created_at", "When it was changed.", "study_controls.created_at", required=True),
)
