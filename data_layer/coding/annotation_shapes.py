"""What an annotation is on, and what it says."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from data_layer.database.rows import Row
from study.errors import CodingError
from study.text import is_blank, storable
from study.vocabulary import AnnotationTarget

LONGEST_NOTE: Final = 10_000
# The columns that say what an annotation is on.
WHERE: Final = (
    "thread_id",
    "target",
    "turn",
    "step_id",
    "revision",
    "start_offset",
    "end_offset",
    "quote",
)
# Rows of one shape are one statement.
EMPTY: Final[Row] = {"code_id": None, "codebook_version": None, "note": None, "replaces": None}


@dataclass(frozen=True)
class AnnotationPlace:
    """What an annotation is on: a thread, the turn of a message, or a span of it.

    Args:
        thread_id: The thread.
        step_id: The message, of a turn and of a span.
        span: Where in the message's raw text it begins and ends, in Unicode code points.
        revision: The wording that the span was read in.
    """

    thread_id: str
    step_id: str | None = None
    span: tuple[int, int] | None = None
    revision: int | None = None

    @property
    def target(self) -> AnnotationTarget:
        """Which of the three."""
        if self.step_id is None:
            return AnnotationTarget.THREAD
        return AnnotationTarget.TURN if self.span is None else AnnotationTarget.SPAN


@dataclass(frozen=True)
class Annotation:
    """A code or a note, as it is kept.

    Args:
        annotation_id: Its id.
        thread_id: Where it stands.
        target: What it is on.
        turn: Of a turn and of a span.
        step_id: The message of a span; of a turn the message at which it was given.
        revision: The wording of the message.
        start: Of a span, in code points of that wording.
        end: Behind its last.
        quote: The words of the span.
        code_id: Of a code; a note has none.
        note: Of a note.
        researcher_id: Whose it is.
        author: Their name, as it then read.
        created_at: When it was made.
        replaces: The annotation in whose place it stands.
    """

    annotation_id: str
    thread_id: str
    target: AnnotationTarget
    turn: int | None
    step_id: str | None
    revision: int | None
    start: int | None
    end: int | None
    quote: str | None
    code_id: str | None
    note: str | None
    researcher_id: str
    author: str
    created_at: datetime
    replaces: str | None = None


def checked_note(note: str) -> str:
    """A note as it is kept.

    Raises:
        CodingError: It is empty, or too long.
    """
    said = storable(note.replace("\r\n", "\n")).strip()
    if is_blank(said):
        raise CodingError("The note is empty. Write something, or close it.")
    if len(said) > LONGEST_NOTE:
        raise CodingError(f"A note has at most {LONGEST_NOTE:,} characters. Shorten it, or write two.")
    return said


def annotation_of(row: Row) -> Annotation:
    """A row of `annotations`."""
    return Annotation(
        row["annotation_id"],
        row["thread_id"],
        AnnotationTarget(row["target"]),
        row["turn"],
        row["step_id"],
        row["revision"],
        row["start_offset"],
        row["end_offset"],
        row["quote"],
        row["code_id"],
        row["note"],
        row["researcher_id"],
        row["author"],
        row["created_at"],
        row["replaces"],
    )
