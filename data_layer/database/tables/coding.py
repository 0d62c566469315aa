"""What researchers make of what was said: their codebook, their codes and notes, and who codes what."""

from sqlalchemy import Boolean, Column, Float, Index, Integer, String, Table, Text, UniqueConstraint, text

from data_layer.database.tables.parts import id_column, metadata
from data_layer.database.types import JsonColumn, UtcTime

# The codebook, every version of it: a change of any code is a version. As it stood at version 7, it is of
# each code the row with the greatest version up to 7, without those retired.
codes = Table(
    "codes",
    metadata,
    id_column("code_id", primary_key=True),
    Column("codebook_version", Integer, primary_key=True, autoincrement=False),  # 1, 2, 3, ... of all codes
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False),  # normalised: what makes two spellings one code
    Column("definition", Text, nullable=False, default=""),
    Column("colour", String(16), nullable=False),  # study.vocabulary.CodeColour
    id_column("parent_id"),  # the code that it stands under, living or not; none stands under itself
    # Those beside each other stand in its order. Null is the version that added the code; between two there
    # is always another, so that a move is one version of one code.
    Column("place", Float),
    id_column("researcher_id", nullable=False),
    Column("author", Text, nullable=False),  # the researcher's name, as it then read
    Column("created_at", UtcTime, nullable=False),
    Column("retired_at", UtcTime),  # can be given no more from this version on; what it was given to stays
    UniqueConstraint("codebook_version"),
)

# A code or a note, on a thread, a turn or a span of a message. Never changed: another one takes its place.
annotations = Table(
    "annotations",
    metadata,
    id_column("annotation_id", primary_key=True),
    id_column("thread_id", nullable=False),
    Column("target", String(16), nullable=False),  # study.vocabulary.AnnotationTarget
    Column("turn", Integer),  # of a turn and of a span
    id_column("step_id"),  # the message of a span
    Column("revision", Integer),  # the wording of it that was read
    Column("start_offset", Integer),  # of a span, in characters (Unicode code points) of that wording
    Column("end_offset", Integer),  # behind its last character
    Column("quote", Text),  # the words of the span, as they were read
    id_column("code_id"),  # of a code; a note has none
    Column("codebook_version", Integer),  # the codebook's, when the code was given
    Column("note", Text),
    id_column("researcher_id", nullable=False),
    Column("author", Text, nullable=False),  # the researcher's name, as it then read
    id_column("replaces"),  # the annotation in whose place it stands
    Column("created_at", UtcTime, nullable=False),
    Column("returned_at", UtcTime),  # last brought back: verify tells by it a row that has moved on
    Column("deleted_at", UtcTime),
    id_column("deleted_by"),  # a researcher_id
    Index("ix_annotations_thread_id", "thread_id"),
    # Which threads bear a code, and which bear anything.
    Index(
        "ix_annotations_living",
        "code_id",
        "thread_id",
        sqlite_where=text("deleted_at IS NULL"),
        postgresql_where=text("deleted_at IS NULL"),
    ),
)

# Which threads a coder reads. Not the ledger of randomisation, which says who is in which condition.
coding_assignments = Table(
    "coding_assignments",
    metadata,
    id_column("assignment_id", primary_key=True),
    id_column("thread_id", nullable=False),
    id_column("researcher_id", nullable=False),  # who codes it
    id_column("assigned_by", nullable=False),  # a researcher_id
    Column("created_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
    Column("finished_at", UtcTime),  # when its coder last said that it is coded; null while it is not
    Column("codebook_version", Integer),  # the codebook's at that moment, 0 before the first
    Column("reopened_at", UtcTime),  # when they last said that it is not: as annotations.returned_at
    Index("ix_coding_assignments_researcher_id", "researcher_id", "thread_id"),
    Index("ix_coding_assignments_thread_id", "thread_id"),
)

# A search and its filters under a name.
saved_views = Table(
    "saved_views",
    metadata,
    id_column("view_id", primary_key=True),
    id_column("researcher_id", nullable=False),
    Column("author", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("query", JsonColumn, nullable=False),  # the fields of the page of threads that are not empty
    Column("is_shared", Boolean, nullable=False),  # with all who read every thread
    Column("created_at", UtcTime, nullable=False),
    Column("deleted_at", UtcTime),
)
