"""The table `annotations`: what researchers made of what was said."""

from sqlalchemy import func, select

from data_layer.database import schema
from exports.columns.column import Column
from exports.columns.field import Kind
from exports.columns.scope import Scope, with_thread
from exports.columns.shared import key, source, thread_id, time
from exports.columns.table import LEAVING, ExportTable, Extract
from study.vocabulary import AnnotationTarget

annotations, codes, steps = schema.annotations, schema.codes, schema.steps

# A code keeps its id through every version; of those up to the annotation's the last one tells its name.
_name_then = (
    select(codes.c.name)
    .where(
        codes.c.code_id == annotations.c.code_id,
        codes.c.codebook_version <= annotations.c.codebook_version,
    )
    .order_by(codes.c.codebook_version.desc())
    .limit(1)
    .scalar_subquery()
)

COLUMNS = (
    key("annotation_id", "The annotation.", annotations.c.annotation_id),
    thread_id(annotations),
    source(),
    Column(
        "target",
        Kind.TEXT,
        "What it is on: the whole thread, a turn, or a span of a message.",
        value=annotations.c.target,
        levels=tuple(target.value for target in AnnotationTarget),
        required=True,
        repeats=True,
    ),
    Column(
        "target_id",
        Kind.ID,
        "The thread; of a span its message; of a turn the message at which it was given.",
        value=func.coalesce(annotations.c.step_id, annotations.c.thread_id),
        references=("threads.thread_id", "messages.message_id"),
        required=True,
    ),
    Column(
        "turn",
        Kind.INTEGER,
        "The turn, of a turn and of a span; missing for a thread, and before the first turn.",
        value=annotations.c.turn,
    ),
    Column(
        "revision",
        Kind.INTEGER,
        "The wording of the message that was read; its text is in messages, or in revisions when it changed.",
        value=annotations.c.revision,
    ),
    Column(
        "start",
        Kind.INTEGER,
        "Of a span: where it begins in the raw text of that wording, from 0.",
        value=annotations.c.start_offset,
        units="Unicode code points",
    ),
    Column(
        "end",
        Kind.INTEGER,
        "Of a span: behind its last character, so that content[start:end] is the quote.",
        value=annotations.c.end_offset,
        units="Unicode code points",
    ),
    Column("quote", Kind.TEXT, "The words of the span, as they were read.", value=annotations.c.quote),
    Column(
        "code_id",
        Kind.ID,
        "The code; missing for a note.",
        value=annotations.c.code_id,
        references=("codes.code_id",),
        repeats=True,
    ),
    Column(
        "code",
        Kind.TEXT,
        "The code's name, as it read when it was given.",
        value=_name_then,
        repeats=True,
    ),
    Column(
        "codebook_version",
        Kind.INTEGER,
        "The codebook's version when the code was given.",
        value=annotations.c.codebook_version,
    ),
    Column("note", Kind.TEXT, "The note; missing for a code.", value=annotations.c.note),
    Column(
        "coder_id",
        Kind.ID,
        "The researcher whose it is, as a pseudonym.",
        value=annotations.c.researcher_id,
        required=True,
        repeats=True,
    ),
    Column(
        "replaces",
        Kind.ID,
        "The annotation in whose place it stands, which is there with --include-deleted only.",
        value=annotations.c.replaces,
    ),
    time("created_at", "When it was made.", annotations.c.created_at, required=True),
    time(
        "returned_at",
        "When it was last brought back after it had been taken away; missing for never.",
        annotations.c.returned_at,
    ),
    time(
        "deleted_at",
        "When it was taken away; missing while it stands. With --include-deleted such rows stand among the "
        "others: whoever counts, or measures agreement, leaves them out.",
        annotations.c.deleted_at,
    ),
    Column(
        "deleted_by",
        Kind.ID,
        "The researcher who took it away, as a pseudonym.",
        value=annotations.c.deleted_by,
        repeats=True,
    ),
)


def extract(scope: Scope) -> Extract:
    """Codes and notes on the exported threads and messages."""
    return Extract(
        source=with_thread(annotations).outerjoin(steps, steps.c.step_id == annotations.c.step_id),
        where=(*scope.living(annotations, steps), *scope.threads()),
        order=(annotations.c.thread_id, annotations.c.annotation_id),
        touched=(),
        moved=(
            annotations.c.created_at,
            annotations.c.returned_at,
            annotations.c.deleted_at,
            steps.c.version,
            steps.c.deleted_at,
        ),
        around=frozenset({"source", "returned_at"}) | LEAVING,
    )


TABLE = ExportTable(
    name="annotations",
    description="Codes and notes that researchers put on threads, turns and words; one row an annotation.",
    columns=COLUMNS,
    key=("annotation_id",),
    extract=extract,
)
