"""Columns that many tables share, each said once."""

from exports.column import Column, Kind
from study.vocabulary import Status

STATUSES = tuple(one.value for one in Status)


def key(name: str, description: str, source: str) -> Column:
    """A column that names its row."""
    return Column(name, Kind.ID, description, source, required=True)


def thread_id(table: str) -> Column:
    """The thread of a row."""
    return Column(
        "thread_id",
        Kind.ID,
        "The thread that it belongs to.",
        f"{table}.thread_id",
        references=("threads.thread_id",),
        required=True,
        repeats=True,
    )


def participant_id(table: str, description: str, *, strict: bool = True) -> Column:
    """The participant of a row.

    Args:
        table: Where it stands in the database.
        description: What they have to do with the row.
        strict: Whether it is always one of the exported participants.
    """
    references = ("participants.participant_id",) if strict else ()
    return Column(
        "participant_id", Kind.ID, description, f"{table}.participant_id", references=references, repeats=True
    )


def run_id(table: str, *, strict: bool = True) -> Column:
    """The run of a row."""
    references = ("runs.run_id",) if strict else ()
    return Column(
        "run_id",
        Kind.ID,
        "The run that it belongs to; missing for none.",
        f"{table}.run_id",
        references=references,
    )


def connection_id(table: str, *, strict: bool = True) -> Column:
    """The connection of a row."""
    return Column(
        "connection_id",
        Kind.ID,
        "The connection over which it came or went; missing where it is not known.",
        f"{table}.connection_id",
        references=("connections.connection_id",) if strict else (),
        repeats=True,
    )


def seq(table: str) -> Column:
    """The place of a row in its thread."""
    return Column(
        "seq",
        Kind.INTEGER,
        "Its place: orders all that happened in a thread, across tables.",
        f"{table}.seq",
        units="microseconds since 1970, strictly increasing",
        required=True,
    )


def turn(table: str, name: str = "turn") -> Column:
    """The turn of a row."""
    return Column(
        name,
        Kind.INTEGER,
        "The turn, from 1: one participant message and all that answered it; missing before the first.",
        f"{table}.turn",
    )


def time(name: str, description: str, source: str, *, required: bool = False) -> Column:
    """A moment."""
    return Column(name, Kind.TIME, description, source, units="UTC, milliseconds", required=required)


def status(table: str, what: str) -> Column:
    """How a row stands."""
    return Column(
        "status",
        Kind.TEXT,
        f"How the {what} stands: whole, still streaming when the snapshot was taken, stopped by the "
        "participant, interrupted by a disconnect or restart, or failed.",
        f"{table}.status",
        levels=STATUSES,
        required=True,
        repeats=True,
    )


def milliseconds(name: str, description: str, source: str) -> Column:
    """A span of time."""
    return Column(name, Kind.NUMBER, description, source, units="milliseconds")


def deleted(table: str, what: str, *, by: bool = True, because: bool = True) -> tuple[Column, ...]:
    """When, by whom and why a row left the screen; values occur with --include-deleted only."""
    columns = [
        time(
            "deleted_at", f"When the {what} left the screen; missing while it stands.", f"{table}.deleted_at"
        )
    ]
    if by:
        columns.append(
            Column(
                "deleted_by",
                Kind.ID,
                f"The participant who took the {what} off the screen; missing when the app did.",
                f"{table}.deleted_by",
                repeats=True,
            )
        )
    if because:
        columns.append(
            Column(
                "deleted_because",
                Kind.TEXT,
                f"Why the {what} left the screen: a message before it was edited, it was removed, answered "
                "anew, or the participant switched to another branch.",
                f"{table}.deleted_because",
                levels=("edited", "removed", "retried", "switched"),
                repeats=True,
            )
        )
    return tuple(columns)


def branch(table: str, what: str) -> Column:
    """The branch of a row; values occur with --include-deleted only."""
    return Column(
        "branch",
        Kind.TEXT,
        f"The branch that the {what} left the screen with: the id of a message, a slash and a revision for "
        "what followed the message as it then read; the id of a run for its reply and what followed; "
        "missing for what stands, and for what left for good.",
        f"{table}.branch",
        repeats=True,
    )


def versions(table: str) -> tuple[Column, ...]:
    """Which app and which study a row was made by."""
    return (
        Column(
            "app_version",
            Kind.TEXT,
            "The version of Verbatim that made it.",
            f"{table}.app_version",
            repeats=True,
        ),
        Column(
            "study_fingerprint",
            Kind.TEXT,
            "SHA-256 of the study file and its texts as they were then.",
            f"{table}.study_fingerprint",
            repeats=True,
        ),
    )
