"""What a code was given to: the words, with those around them."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, FromClause, and_, case, func, or_, select

from data_layer.coding.codebook_tree import ids_below
from data_layer.database import schema
from data_layer.database.engine import Database
from data_layer.database.rows import Row
from data_layer.database.types import iso
from data_layer.review.held_elsewhere import IMPORTED_HERE
from study.text import beginning, ending
from study.vocabulary import ROLE_OF_TYPE, AnnotationTarget, MessageRole, ThreadState

SIZE: Final = 25
# Characters of the words around, on each side, and of a message that was coded as a whole.
AROUND: Final = 160
WHOLE: Final = 400
ELLIPSIS: Final = "\u2026"

# Of a file of excerpts; the page adds the code's name and a link.
COLUMNS: Final = (
    "annotation_id",
    "thread_id",
    "participant_id",
    "agent",
    "role",
    "target",
    "target_id",
    "turn",
    "start",
    "end",
    "code_id",
    "before",
    "quote",
    "after",
    "coder_id",
    "created_at",
    "imported",
)

_NOTES, _STEPS, _THREADS, _PAST = schema.annotations, schema.steps, schema.threads, schema.step_revisions


@dataclass(frozen=True)
class Excerpts:
    """Which excerpts; what is None or empty does not narrow.

    Args:
        code_id: Of the code, or of one that theirs stands under.
        annotated_by: The researcher_id of who gave it.
        assigned_to: Only of threads that this researcher has to code.
        agent: Who answered in it.
        role: Of the message: user, assistant or system.
        since: Given at or after.
        before: Given before.
        thread: The thread_id, or how it begins.
        imported: Whether the thread was held elsewhere, and imported.
    """

    code_id: str
    annotated_by: str = ""
    assigned_to: str = ""
    agent: str = ""
    role: str = ""
    since: datetime | None = None
    before: datetime | None = None
    thread: str = ""
    imported: bool | None = None


async def count_excerpts(database: Database, which: Excerpts) -> int:
    """How many there are.

    Raises:
        SQLAlchemyError: The database is away.
    """
    query = select(func.count()).select_from(_source()).where(*_conditions(which))
    async with database.connect() as connection:
        return int(await connection.scalar(query) or 0)


async def read_excerpts(database: Database, which: Excerpts, first: int, size: int = SIZE) -> list[Row]:
    """Some of them, the newest first.

    Args:
        database: Where they are.
        which: Which.
        first: How many to pass over.
        size: How many.

    Returns:
        Of each the columns of `annotations` that say what it is on, and title, participant_id, agent, role;
        imported; quote, and before and after it the words around, cut between words; of a turn the
        message's beginning.

    Raises:
        SQLAlchemyError: The database is away.
    """
    text = case((_STEPS.c.revision == _NOTES.c.revision, _STEPS.c.output), else_=_PAST.c.output)
    query = (
        select(
            _NOTES,
            _THREADS.c.title,
            _THREADS.c.participant_id,
            IMPORTED_HERE,
            func.coalesce(_STEPS.c.agent, _THREADS.c.agent).label("agent"),
            _STEPS.c.type.label("type"),
            text.label("text"),
        )
        .select_from(_source())
        .where(*_conditions(which))
        .order_by(_NOTES.c.created_at.desc(), _NOTES.c.annotation_id.desc())
        .offset(first)
        .limit(size)
    )
    async with database.connect() as connection:
        return [_told(dict(row)) for row in (await connection.execute(query)).mappings()]


def _source() -> FromClause:
    past = and_(_PAST.c.step_id == _NOTES.c.step_id, _PAST.c.revision == _NOTES.c.revision)
    return (
        _NOTES.join(_THREADS, _THREADS.c.thread_id == _NOTES.c.thread_id)
        .outerjoin(_STEPS, _STEPS.c.step_id == _NOTES.c.step_id)
        .outerjoin(_PAST, past)
    )


def _conditions(which: Excerpts) -> list[ColumnElement[bool]]:
    asked: list[ColumnElement[bool]] = [
        _NOTES.c.deleted_at.is_(None),
        _NOTES.c.code_id.in_(ids_below(which.code_id)),
        _THREADS.c.state != ThreadState.WITHDRAWN.value,
    ]
    if which.annotated_by:
        asked.append(_NOTES.c.researcher_id == which.annotated_by)
    if which.assigned_to:
        tasks = schema.coding_assignments
        theirs = and_(tasks.c.researcher_id == which.assigned_to, tasks.c.ended_at.is_(None))
        asked.append(_NOTES.c.thread_id.in_(select(tasks.c.thread_id).where(theirs)))
    if which.agent:
        theirs = and_(_STEPS.c.agent.is_(None), _THREADS.c.agent == which.agent)
        asked.append(or_(_STEPS.c.agent == which.agent, theirs))
    if which.role:
        kinds = [kind for kind, role in ROLE_OF_TYPE.items() if role == which.role]
        asked.append(_STEPS.c.type.in_(kinds))
    if which.since is not None:
        asked.append(_NOTES.c.created_at >= which.since)
    if which.before is not None:
        asked.append(_NOTES.c.created_at < which.before)
    if which.thread:
        asked.append(_NOTES.c.thread_id.startswith(which.thread.lower(), autoescape=True))
    if which.imported is not None:
        asked.append(IMPORTED_HERE if which.imported else ~IMPORTED_HERE)
    return asked


def _told(row: Row) -> Row:
    text, kind = row.pop("text") or "", row.pop("type")
    role: MessageRole | None = ROLE_OF_TYPE.get(kind)
    row |= {"role": role.value if role else None, "before": "", "after": ""}
    start, end = row["start_offset"], row["end_offset"]
    if start is not None and text[start:end] == row["quote"]:
        row |= {"before": _ending(text[:start]), "after": _beginning(text[end:], AROUND)}
    elif row["target"] == AnnotationTarget.TURN.value:
        row["quote"] = _beginning(text, WHOLE)
    return row


def _beginning(text: str, length: int) -> str:
    """The beginning of a text, cut between two words where there are such."""
    if len(text) <= length:
        return text
    cut = beginning(text, length)
    return (re.sub(r"\s\S*\Z", "", cut) or cut) + ELLIPSIS


def _ending(text: str) -> str:
    if len(text) <= AROUND:
        return text
    cut = ending(text[-2 * AROUND :], AROUND)
    return ELLIPSIS + (re.sub(r"\A\S*\s", "", cut) or cut)


def as_record(row: Row) -> dict[str, Any]:
    """A row as a file of them holds it: under the names of the export's tables."""
    named = {
        "target_id": row["step_id"] or row["thread_id"],
        "start": row["start_offset"],
        "end": row["end_offset"],
        "coder_id": row["researcher_id"],
        "created_at": iso(row["created_at"]),
    }
    return {name: named[name] if name in named else row[name] for name in COLUMNS}
