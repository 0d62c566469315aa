"""What researchers have put on a thread, as its page shows it."""

from collections import defaultdict
from dataclasses import dataclass

from markupsafe import Markup

from data_layer.coding.annotation_shapes import Annotation
from data_layer.coding.codebook import Code
from data_layer.database.rows import Row
from data_layer.record import Record
from research.coding.highlights import HighlightedText, Stripe, highlighted_words
from study.vocabulary import AnnotationTarget, StepType


@dataclass(frozen=True)
class AnnotationMark:
    """A code or a note beside the transcript.

    Args:
        annotation: As it is kept.
        code: As it reads now; None for a note.
        may_change: Whether who looks may write this note anew.
        may_remove: Whether they may take it away.
    """

    annotation: Annotation
    code: Code | None
    may_change: bool
    may_remove: bool

    @property
    def colour(self) -> str:
        """Its class: a note is grey."""
        return self.code.colour.value if self.code else "note"

    @property
    def label(self) -> str:
        """What it is and whose, for who does not see colours."""
        what = f"Code: {self.code.name}" if self.code else "A note" if self.annotation.note else "A code"
        return f"{what} ({self.annotation.author})"


class ThreadMarks:
    """All marks of a thread that somebody sees.

    Args:
        marks: In the order in which they were made.
        codes: The living codes, in the order of their number keys.
        may: Whether who looks can add to them.
    """

    def __init__(self, marks: list[AnnotationMark], codes: list[Code], *, may: bool) -> None:
        self.codes = codes
        self.may = may
        self.of_thread = [mark for mark in marks if mark.annotation.target is AnnotationTarget.THREAD]
        self._quotes: dict[str, str] = {}
        self._at: defaultdict[str, list[AnnotationMark]] = defaultdict(list)
        for mark in marks:
            if mark.annotation.step_id is not None:
                self._at[mark.annotation.step_id].append(mark)

    @property
    def legend(self) -> list[tuple[str, str]]:
        """What the stripes in the words mean: class and name of each, codes first."""
        on_words = [
            mark for marks in self._at.values() for mark in marks if mark.annotation.start is not None
        ]
        told = [(mark.colour, mark.code.name) for mark in on_words if mark.code]
        notes = [("note", "a note")] if any(mark.code is None for mark in on_words) else []
        return list(dict.fromkeys(told + notes))

    def at(self, step_id: str) -> list[AnnotationMark]:
        """The marks of a message: of its turn first, then of its words as they stand."""
        return sorted(self._at.get(step_id, ()), key=lambda mark: mark.annotation.start or -1)

    def quote(self, mark: AnnotationMark) -> str | None:
        """The words of a span, as they read on the page where they still stand there."""
        one = mark.annotation
        return self._quotes.get(one.annotation_id, one.quote)

    def is_earlier(self, mark: AnnotationMark) -> bool:
        """Whether the words of a span do not stand on the page as they did; asked after `words`."""
        return mark.annotation.start is not None and mark.annotation.annotation_id not in self._quotes

    def words(self, step: Row) -> Markup:
        """A message's words with its marks; those of an earlier wording are beside it only."""
        is_plain = step["type"] == StepType.USER_MESSAGE.value
        spans = [
            Stripe(one.start, one.end, mark.colour, one.annotation_id, mark.label)
            for mark in self._at.get(step["step_id"], ())
            if (one := mark.annotation).start is not None
            and one.end is not None
            and one.revision == step["revision"]
        ]
        if not spans:
            return highlighted_words(step["output"], is_plain)
        laid = HighlightedText(step["output"], is_plain)
        for span in spans:
            if (quote := laid.quote(span.start, span.end)) is not None:
                self._quotes[span.name] = quote
        return laid.marked(spans)


async def marks_of(
    record: Record, thread_id: str, researcher_id: str, *, sees_all: bool, may: bool
) -> ThreadMarks:
    """Read the marks of a thread.

    Args:
        record: Where they are.
        thread_id: The thread.
        researcher_id: Who looks.
        sees_all: Whether they see those of others; coders code on their own.
        may: Whether they annotate at all.
    """
    found = await record.annotations.of_thread(thread_id, None if sees_all else researcher_id)
    newest = await record.codebook.newest()
    by_id = {code.code_id: code for code in newest}
    marks = [
        AnnotationMark(
            one,
            by_id.get(one.code_id) if one.code_id else None,
            may_change=may and one.note is not None and one.researcher_id == researcher_id,
            may_remove=may and (sees_all or one.researcher_id == researcher_id),
        )
        for one in found
    ]
    return ThreadMarks(marks, [code for code in newest if code.retired_at is None], may=may)
