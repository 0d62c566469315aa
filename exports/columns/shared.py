"""Columns that many tables share, each said once."""

from dataclasses import replace

from sqlalchemy import FromClause, select

from data_layer.database import schema
from exports.columns.column import Column, Value
from exports.columns.field import Kind
from study.vocabulary import Status

STATUSES = tuple(one.value for one in Status)


def key(name: str, description: str, value: Value) -> Column:
    """A column that names its row."""
    return Column(name, Kind.ID, description, value=value, required=True)


def thread_id(table: FromClause) -> Column:
    """The thread of a row."""
    return Column(
        "thread_id",
        Kind.ID,
        "The thread that it belongs to.",
        value=table.c.thread_id,
        references=("threads.thread_id",),
        required=True,
        repeats=True,
    )


def participant_id(table: FromClause, description: str, *, strict: bool = True) -> Column:
    """The participant of a row.

    Args:
        table: Of the database, where it stands.
        description: What they have to do with the row.
        strict: Whether it is always one of the exported participants.
    """
    references = ("participants.participant_id",) if strict else ()
    return Column(
        "participant_id",
        Kind.ID,
        description,
        value=table.c.participant_id,
        references=references,
        repeats=True,
    )


def participant_of(table: FromClause, description: str) -> Column:
    """The participant of a row that is one's own, whatever thread they were in."""
    return replace(participant_id(table, description), required=True)


def participant_key(table: FromClause, description: str) -> Column:
    """The participant, of whom there is one row."""
    return replace(participant_of(table, description), repeats=False)


def stage_id(table: FromClause) -> Column:
    """The stage of a row."""
    return Column(
        "stage_id",
        Kind.TEXT,
        "The stage of the protocol, by its id in the study file.",
        value=table.c.stage_id,
        required=True,
        repeats=True,
    )


def visit(table: FromClause) -> Column:
    """The visit of a row."""
    return Column(
        "visit",
        Kind.INTEGER,
        "Which of the participant's pages it is, from 1: `stage_visits` has each by participant and visit.",
        value=table.c.visit,
        required=True,
    )


def attempt(table: FromClause) -> Column:
    """The try of a row's stage."""
    return Column(
        "attempt", Kind.INTEGER, "Which try of the stage it is, from 1.", value=table.c.attempt, required=True
    )


def source() -> Column:
    """How the participant came whose thread it is."""
    people, threads = schema.participants, schema.threads
    how = (
        select(people.c.source)
        .where(people.c.participant_id == threads.c.participant_id)
        .correlate(threads)
        .scalar_subquery()
    )
    return Column(
        "source",
        Kind.TEXT,
        "How its participant came, such as login: simulation is a program that tried the study, import a "
        "conversation that was held elsewhere.",
        value=how,
        repeats=True,
    )


def run_id(table: FromClause, *, strict: bool = True) -> Column:
    """The run of a row."""
    references = ("runs.run_id",) if strict else ()
    return Column(
        "run_id",
        Kind.ID,
        "The run that it belongs to; missing for none.",
        value=table.c.run_id,
        references=references,
    )


def connection_id(table: FromClause, *, strict: bool = True) -> Column:
    """The connection of a row."""
    return Column(
        "connection_id",
        Kind.ID,
        "The connection over which it came or went; missing where it is not known.",
        value=table.c.connection_id,
        references=("connections.connection_id",) if strict else (),
        repeats=True,
    )


def intent_id(table: FromClause) -> Column:
    """The intent of a row."""
    return Column(
        "intent_id",
        Kind.ID,
        "The intent that it belongs to; missing for none.",
        value=table.c.intent_id,
        references=("intents.intent_id",),
        repeats=True,
    )


def study_id(table: FromClause) -> Column:
    """The study of a row."""
    return Column(
        "study_id",
        Kind.TEXT,
        "The study, as its file names it.",
        value=table.c.study_id,
        required=True,
        repeats=True,
    )


def seq(table: FromClause) -> Column:
    """The place of a row in its thread."""
    return Column(
        "seq",
        Kind.INTEGER,
        "Its place: orders all that happened in a thread, across tables.",
        value=table.c.seq,
        units="microseconds since 1970, strictly increasing",
        required=True,
    )


def turn(table: FromClause, name: str = "turn") -> Column:
    """The turn of a row."""
    return Column(
        name,
        Kind.INTEGER,
        "The turn, from 1: one participant message and all that answered it; missing before the first.",
        value=table.c.turn,
    )


def time(name: str, description: str, value: Value, *, required: bool = False) -> Column:
    """A moment."""
    return Column(name, Kind.TIME, description, value=value, units="UTC, milliseconds", required=required)


def status(table: FromClause, what: str) -> Column:
    """How a row stands."""
    return Column(
        "status",
        Kind.TEXT,
        f"How the {what} stands: whole, still streaming when the snapshot was taken, stopped by the "
        "participant, interrupted by a disconnect or restart, or failed.",
        value=table.c.status,
        levels=STATUSES,
        required=True,
        repeats=True,
    )


def milliseconds_between(name: str, description: str, value: Value) -> Column:
    """A span of time."""
    return Column(name, Kind.NUMBER, description, value=value, units="milliseconds")


def deleted(table: FromClause, what: str, *, by: bool = True, because: bool = True) -> tuple[Column, ...]:
    """When, by whom and why a row left the screen; values occur with --include-deleted only."""
    columns = [
        time("deleted_at", f"When the {what} left the screen; missing while it stands.", table.c.deleted_at)
    ]
    if by:
        columns.append(
            Column(
                "deleted_by",
                Kind.ID,
                f"The participant who took the {what} off the screen; missing when the app did.",
                value=table.c.deleted_by,
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
                value=table.c.deleted_because,
                levels=("edited", "removed", "retried", "switched"),
                repeats=True,
            )
        )
    return tuple(columns)


def branch(table: FromClause, what: str) -> Column:
    """The branch of a row; values occur with --include-deleted only."""
    return Column(
        "branch",
        Kind.TEXT,
        f"The branch that the {what} left the screen with: the id of a message, a slash and a revision for "
        "what followed the message as it then read; the id of a run for its reply and what followed; "
        "missing for what stands, and for what left for good.",
        value=table.c.branch,
        repeats=True,
    )


def versions(table: FromClause) -> tuple[Column, ...]:
    """Which app and which study a row was made by."""
    return (
        Column(
            "app_version",
            Kind.TEXT,
            "The version of Verbatim that made it.",
            value=table.c.app_version,
            repeats=True,
        ),
        Column(
            "study_fingerprint",
            Kind.TEXT,
            "SHA-256 of the study file and its texts as they were then.",
            value=table.c.study_fingerprint,
            repeats=True,
        ),
    )
