"""A thread with all that ever stood in it and all that happened around it."""

from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.engine import Connection

from data_layer.database import schema
from data_layer.database.engine import Database
from data_layer.database.ids import is_uuid
from data_layer.database.rows import Row
from data_layer.review.segments import WHOLE, Segment
from study.intents import IntentMove
from study.text import beginning
from study.vocabulary import MESSAGE_TYPES

# Of what went into a tool and came out: a retrieval may be a book, and a thread holds hundreds.
SHOWN: Final = 2_000
_MESSAGES: Final = tuple(kind.value for kind in MESSAGE_TYPES)
# How Chainlit draws a step is not part of its story.
_LEFT_OUT: Final = frozenset({"metadata", "display", "input", "output"})


@dataclass(frozen=True)
class WholeThread:
    """A thread, nothing left out.

    Args:
        thread: The row of `threads`.
        steps: Messages and visible work, deleted ones too, in order. Of work, the first SHOWN characters of
            `input` and `output`; how many there are is in `input_length` and `output_length`.
            Of an imported thread also `claimed_model`: that its source names.
        revisions: Earlier and present states of what was changed, by step and revision.
        runs: The agent's turns at work, in order.
        calls: Of the runs, to models, in order; without the prompts.
        ratings: Every change of mind.
        elements: What was attached.
        events: What happened in it.
        connections: The pages that showed it.
        piece: What of it this is; all connections and intents are here, whichever it is.
        intents: What its participant wanted done, in order.
        moves: What happened to these, in order; not what was found out in them.
        forms: That stood under its replies.
        origin: Where it came from, where it was imported: the row of `imports`.
    """

    thread: Row
    steps: list[Row]
    revisions: list[Row]
    runs: list[Row]
    calls: list[Row]
    ratings: list[Row]
    elements: list[Row]
    events: list[Row]
    connections: list[Row]
    piece: Segment = WHOLE
    intents: list[Row] = field(default_factory=list)
    moves: list[Row] = field(default_factory=list)
    forms: list[Row] = field(default_factory=list)
    origin: Row | None = None


async def read_whole(database: Database, thread_id: str, piece: Segment = WHOLE) -> WholeThread | None:
    """Read a thread, deleted or not.

    Args:
        database: Where it is.
        thread_id: Which.
        piece: Only this piece of it, with what happened meanwhile.

    Returns:
        None when there is none.

    Raises:
        SQLAlchemyError: The database is away.
    """
    if not is_uuid(thread_id):
        return None
    # In one piece: by aiosqlite each of its dozen queries crosses to a thread and back several times.
    return await database.read(partial(_read_whole, thread_id=thread_id, piece=piece))


def _read_whole(connection: Connection, *, thread_id: str, piece: Segment) -> WholeThread | None:
    def rows(query: Select[Any]) -> list[Row]:
        found = connection.execute(query)
        names = tuple(found.keys())
        return [dict(zip(names, row, strict=True)) for row in found]

    def of(table: Any, *order: Any) -> Select[Any]:
        query = select(table).where(table.c.thread_id == thread_id).order_by(*order)
        return query.where(*_inside(table.c.seq, piece)) if "seq" in table.c else query

    found = rows(select(schema.threads).where(schema.threads.c.thread_id == thread_id))
    if not found:
        return None
    origin = next(iter(rows(_origin(thread_id))), None)
    moves = schema.intent_moves
    kept, ratings, pages = schema.step_revisions, schema.ratings, schema.connections
    states = of(kept, kept.c.step_id, kept.c.revision)
    judged = of(ratings, ratings.c.created_at, ratings.c.revision)
    if piece != WHOLE:
        steps = schema.steps
        here = select(steps.c.step_id).where(steps.c.thread_id == thread_id, *_inside(steps.c.seq, piece))
        states = states.where(kept.c.step_id.in_(here))
        meanwhile = and_(*_during(ratings.c.created_at, piece))
        judged = judged.where(or_(ratings.c.message_id.in_(here), meanwhile))
    return WholeThread(
        thread=found[0],
        steps=[_begun(step) for step in rows(_steps(thread_id, piece, imported=origin is not None))],
        revisions=rows(states),
        runs=rows(of(schema.runs, schema.runs.c.seq)),
        calls=rows(of(schema.llm_calls, schema.llm_calls.c.seq)),
        ratings=rows(judged),
        elements=rows(of(schema.elements, schema.elements.c.seq)),
        events=rows(of(schema.events, schema.events.c.seq)),
        intents=rows(_intents(thread_id)),
        moves=rows(of(moves, moves.c.seq).where(moves.c.move != IntentMove.UPDATED.value)),
        connections=rows(of(pages, pages.c.opened_at)),
        piece=piece,
        forms=rows(of(schema.forms, schema.forms.c.seq)),
        origin=origin,
    )


def _origin(thread_id: str) -> Select[Any]:
    """Without what says who somebody is: the thread's own id there, and what messages named."""
    table = schema.imports
    shown = (table.c.source, table.c.place, table.c.message_count, table.c.times, table.c.imported_at)
    return select(*shown).where(table.c.thread_id == thread_id)


def _intents(thread_id: str) -> Select[Any]:
    """All of the thread's: what moves in a piece of it may have begun before."""
    intents = schema.intents
    return select(intents).where(intents.c.thread_id == thread_id).order_by(intents.c.seq)


def _inside(seq: ColumnElement[int], piece: Segment) -> list[ColumnElement[bool]]:
    since = [] if piece.since is None else [seq >= piece.since.seq]
    return since if piece.before is None else [*since, seq < piece.before.seq]


def _during(at: ColumnElement[Any], piece: Segment) -> list[ColumnElement[bool]]:
    since = [] if piece.since is None else [at >= piece.since.at]
    return since if piece.before is None else [*since, at < piece.before.at]


def _steps(thread_id: str, piece: Segment, *, imported: bool) -> Select[Any]:
    steps = schema.steps
    columns: list[ColumnElement[Any]] = [column for column in steps.c if column.name not in _LEFT_OUT]
    for name in ("input", "output"):
        text: ColumnElement[str] = steps.c[name]
        begun = case((steps.c.type.in_(_MESSAGES), text), else_=func.substr(text, 1, SHOWN + 1))
        columns += [begun.label(name), func.length(text).label(f"{name}_length")]
    if imported:
        # What an import keeps of the model that its source names (imports/unit.py).
        columns.append(steps.c.metadata["import"]["model"].as_string().label("claimed_model"))
    here = (steps.c.thread_id == thread_id, *_inside(steps.c.seq, piece))
    return select(*columns).where(*here).order_by(steps.c.seq)


def _begun(step: Row) -> Row:
    if step["type"] in _MESSAGES:
        return step
    return step | {name: beginning(step[name], SHOWN) for name in ("input", "output")}


async def read_call(database: Database, llm_call_id: str) -> Row | None:
    """A call to a model with the exact messages that it was sent, as `prompt`.

    Returns:
        None when there is none.
    """
    if not is_uuid(llm_call_id):
        return None
    calls, prompts = schema.llm_calls, schema.prompts
    query = (
        select(calls, prompts.c.messages.label("prompt"))
        .select_from(calls.outerjoin(prompts, prompts.c.prompt_hash == calls.c.prompt_hash))
        .where(calls.c.llm_call_id == llm_call_id)
    )
    async with database.connect() as connection:
        row = (await connection.execute(query)).mappings().first()
    return dict(row) if row else None


async def read_element(database: Database, element_id: str) -> Row | None:
    """Something attached; None when there is none."""
    if not is_uuid(element_id):
        return None
    query = select(schema.elements).where(schema.elements.c.element_id == element_id)
    async with database.connect() as connection:
        row = (await connection.execute(query)).mappings().first()
    return dict(row) if row else None
