"""The columns of `annotations`."""

from exports.column import Column, Kind
from exports.common import key, thread_id, time
from study.vocabulary import AnnotationTarget

COLUMNS = (
    key("annotation_id", "The annotation.", "annotations.annotation_id"),
    thread_id("annotations"),
    Column(
        "target",
        Kind.TEXT,
        "What it is on: the whole thread, a turn, or a span of a message.",
        "annotations.target",
        levels=tuple(target.value for target in AnnotationTarget),
        required=True,
        repeats=True,
    ),
    Column(
        "target_id",
        Kind.ID,
        "The thread; of a span its message; of a turn the message at which it was given.",
        "derived from annotations.step_id, annotations.thread_id",
        references=("threads.thread_id", "messages.message_id"),
        required=True,
    ),
    Column(
        "turn",
        Kind.INTEGER,
        "The turn, of a turn and of a span; missing for a thread, and before the first turn.",
        "annotations.turn",
    ),
    Column(
        "revision",
        Kind.INTEGER,
        "The wording of the message that was read; its text is in messages, or in revisions when it changed.",
        "annotations.revision",
    ),
    Column(
        "start",
        Kind.INTEGER,
        "Of a span: where it begins in the raw text of that wording, from 0.",
        "annotations.start_offset",
        units="Unicode code points",
    ),
    Column(
        "end",
        Kind.INTEGER,
        "Of a span: behind its last character, so that content[start:end] is the quote.",
        "annotations.end_offset",
        units="Unicode code points",
    ),
    Column("quote", Kind.TEXT, "The words of the span, as they were read.", "annotations.quote"),
    Column(
        "code_id",
        Kind.ID,
        "The code; missing for a note.",
        "annotations.code_id",
        references=("codes.code_id",),
        repeats=True,
    ),
    Column(
        "code",
        Kind.TEXT,
        "The code's name, as it read when it was given.",
        "derived from codes.name, annotations.codebook_version",
        repeats=True,
    ),
    Column(
        "codebook_version",
        Kind.INTEGER,
        "The codebook's version when the code was given.",
        "annotations.codebook_version",
    ),
    Column("note", Kind.TEXT, "The note; missing for a code.", "annotations.note"),
    Column(
        "coder_id",
        Kind.ID,
        "The researcher whose it is, as a pseudonym.",
        "annotations.researcher_id",
        required=True,
        repeats=True,
    ),
    Column(
        "replaces",
        Kind.ID,
        "The annotation in whose place it stands, which is there with --include-deleted only.",
        "annotations.replaces",
    ),
    time("created_at", "When it was made.", "annotations.created_at", required=True),
    time(
        "returned_at",
        "When it was last brought back after it had been taken away; missing for never.",
        "annotations.returned_at",
    ),
    time("deleted_at", "When it was taken away; missing while it stands.", "annotations.deleted_at"),
    Column(
        "deleted_by",
        Kind.ID,
        "The researcher who took it away, as a pseudonym.",
        "annotations.deleted_by",
        repeats=True,
    ),
)
