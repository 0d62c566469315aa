"""What can be written when researchers code: the codebook, annotations, that a thread is coded."""

from dataclasses import dataclass, field
from datetime import datetime

from data_layer.database.rows import Row


@dataclass(frozen=True, slots=True)
class PutCode:
    """A new version of the codebook: a code is added, changed, retired or brought back.

    Its number is given where it is written; refused when another living code bears the name, when a code
    is to be changed that does not live, or when nothing would be another.

    Args:
        code_id: Which.
        at: When it was called for.
        researcher_id: Who makes it.
        author: Their name, as it reads now.
        changes: name with name_key, definition, colour, parent_id, place: what is to be another; all of them
            but the place for a new code.
        creates: A new code.
        retired: Whether it can be given no more.
    """

    code_id: str
    at: datetime
    researcher_id: str
    author: str
    changes: Row = field(default_factory=dict)
    creates: bool = False
    retired: bool = False


@dataclass(frozen=True, slots=True)
class PutAnnotation:
    """Add a row of `annotations`; what it replaces is gone with that.

    Refused when there is no such thread, or its participant has withdrawn.
    """

    row: Row


@dataclass(frozen=True, slots=True)
class FinishCoding:
    """A coder says that a thread is coded, or that it is not after all.

    Refused when the thread is not theirs to code, or its participant has withdrawn. Said again it bears the
    later moment: they have read what has come since.

    Args:
        thread_id: The thread.
        researcher_id: Who says so.
        at: When.
        finished: False takes it back.
    """

    thread_id: str
    researcher_id: str
    at: datetime
    finished: bool = True
