"""The table `coding_tasks`: who was to code what."""

from data_layer.database import schema
from exports.columns.column import Column
from exports.columns.field import Kind
from exports.columns.scope import Scope, with_thread
from exports.columns.shared import key, source, thread_id, time
from exports.columns.table import ExportTable, Extract

coding_assignments = schema.coding_assignments

COLUMNS = (
    key("coding_task_id", "The coding task.", coding_assignments.c.assignment_id),
    thread_id(coding_assignments),
    source(),
    Column(
        "coder_id",
        Kind.ID,
        "The researcher who is to code the thread, as a pseudonym: annotations.coder_id of what they give.",
        value=coding_assignments.c.researcher_id,
        required=True,
        repeats=True,
    ),
    Column(
        "given_by",
        Kind.ID,
        "The researcher who gave it to them, as a pseudonym.",
        value=coding_assignments.c.assigned_by,
        required=True,
        repeats=True,
    ),
    time("created_at", "When it was given.", coding_assignments.c.created_at, required=True),
    time(
        "ended_at",
        "When it was taken back; missing while the thread is theirs to code.",
        coding_assignments.c.ended_at,
    ),
    time(
        "finished_at",
        "When the coder last said that they have coded the thread, to its end as it then was; missing while "
        "they have not. Only in a finished thread does a missing code say that it was not given: whoever "
        "measures agreement counts the threads that both have finished.",
        coding_assignments.c.finished_at,
    ),
    Column(
        "codebook_version",
        Kind.INTEGER,
        "The codebook's version at that moment, 0 when it had no code yet: a code that is newer could not be "
        "given. Missing while it is not finished.",
        value=coding_assignments.c.codebook_version,
    ),
    time(
        "reopened_at",
        "When the coder last took that back; missing for never.",
        coding_assignments.c.reopened_at,
    ),
)


def extract(scope: Scope) -> Extract:
    """The tasks of the exported threads, those that have ended too."""
    return Extract(
        source=with_thread(coding_assignments),
        where=scope.threads(),
        order=(coding_assignments.c.thread_id, coding_assignments.c.assignment_id),
        touched=(),
        moved=(
            coding_assignments.c.created_at,
            coding_assignments.c.ended_at,
            coding_assignments.c.finished_at,
            coding_assignments.c.reopened_at,
        ),
        around=frozenset({"source", "ended_at", "finished_at", "codebook_version", "reopened_at"}),
    )


TABLE = ExportTable(
    name="coding_tasks",
    description="Which thread was given to whom to code, and whether they have; one row a giving. That a "
    "thread bears no code of somebody who has not finished it says nothing: they need not have read it.",
    columns=COLUMNS,
    key=("coding_task_id",),
    extract=extract,
)
