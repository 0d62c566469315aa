"""A piece of a thread: the newest messages, or those before a place, with all that belongs to them.

A thread may hold thousands of messages. No page draws them all at once, and no reading of one may hold up
the process: whoever wants the whole of it takes it piece by piece.
"""

from typing import Any, Final

from sqlalchemy import Column, ColumnElement, Select, Table, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from data_layer.conversations.forms import forms_under
from data_layer.conversations.threads import Earlier, ThreadRecord, on_screen, thread_row
from data_layer.database import schema
from data_layer.database.engine import Database
from data_layer.database.rows import Row, read_rows
from study.vocabulary import MESSAGE_TYPES, StepType

WINDOW: Final = 100

# A tool call in a tool call in a tool call: deeper than any agent of ours goes.
_DEEPEST: Final = 8

_steps, _runs, _elements = schema.steps, schema.runs, schema.elements
_MESSAGES: Final = tuple(kind.value for kind in MESSAGE_TYPES)


async def read_window(
    database: Database, thread_id: str, *, before: int | None = None, size: int = WINDOW
) -> ThreadRecord | None:
    """The newest messages of a living thread, or the newest before a place.

    The window begins with a message of the participant's, so that no reply stands without its question;
    where so many replies stand in a row that there is none, it begins where `size` ends.

    Args:
        before: A `seq`; only what stands before it.
        size: The most messages.

    Returns:
        The thread with the window's steps, runs, ratings and elements, and what stands before the window;
        None when there is no such thread.
    """
    thread = await thread_row(database, thread_id)
    if thread is None or thread["deleted_at"] is not None:
        return None
    async with database.engine.connect() as connection:
        cut = await _cut(connection, thread_id, before, size)
        earlier = None
        if cut is not None:
            earlier = Earlier(cut, await _count_before(connection, thread_id, cut))
        return await _between(connection, thread, cut, before, earlier)


async def whole_thread(database: Database, thread_id: str, until: int | None = None) -> list[ThreadRecord]:
    """All of a living thread in pieces, the oldest first; empty when there is no such thread.

    Between two pieces the process goes on with its other work. What comes in meanwhile stays away.

    Args:
        until: The last `seq` that is wanted.
    """
    pieces: list[ThreadRecord] = []
    before = None if until is None else until + 1
    while True:
        piece = await read_window(database, thread_id, before=before)
        if piece is None:
            return []
        pieces.append(piece)
        if piece.earlier is None:
            return pieces[::-1]
        before = piece.earlier.before


async def _cut(connection: AsyncConnection, thread_id: str, before: int | None, size: int) -> int | None:
    """Where the window begins; None where it reaches to the thread's beginning."""
    newest = _living(_steps, thread_id, before=before).where(_steps.c.type.in_(_MESSAGES))
    query = newest.with_only_columns(_steps.c.seq, _steps.c.type).order_by(_steps.c.seq.desc())
    found = (await connection.execute(query.limit(size + 1))).all()
    if len(found) <= size:
        return None
    inside = found[:size]
    spoken = [seq for seq, kind in inside if kind == StepType.USER_MESSAGE]
    return int(min(spoken or [seq for seq, _ in inside]))


async def _count_before(connection: AsyncConnection, thread_id: str, cut: int) -> int:
    messages = _living(_steps, thread_id, before=cut).where(_steps.c.type.in_(_MESSAGES))
    counted: int = await connection.scalar(messages.with_only_columns(func.count())) or 0
    return counted


async def _between(
    connection: AsyncConnection, thread: Row, cut: int | None, before: int | None, earlier: Earlier | None
) -> ThreadRecord:
    thread_id = thread["thread_id"]
    steps = await read_rows(connection, _living(_steps, thread_id, cut, before).order_by(_steps.c.seq))
    runs = await read_rows(connection, _living(_runs, thread_id, cut, before).order_by(_runs.c.seq))
    await _add_parents(connection, thread_id, steps, runs)
    ids = [row["step_id"] for row in steps]
    ratings = schema.ratings
    rated = select(ratings).where(ratings.c.thread_id == thread_id, ratings.c.is_current)
    # A file is there before the message that it is sent with: it goes by its message, not by its place.
    own = _elements.c.message_id.in_(ids)
    loose = _elements.c.message_id.is_(None) & _within(_elements.c.seq, cut, before)
    elements = _living(_elements, thread_id).where(own | loose).order_by(_elements.c.seq)
    return ThreadRecord(
        thread,
        steps,
        runs,
        await read_rows(connection, rated.where(ratings.c.message_id.in_(ids))),
        await read_rows(connection, elements),
        earlier,
        await forms_under(connection, steps),
    )


async def _add_parents(
    connection: AsyncConnection, thread_id: str, steps: list[Row], runs: list[Row]
) -> None:
    """Fetch what steps hang under and stands before the window: the page draws no step without it.

    Messages are left: they stand in the window before this one, and what hangs under them is drawn alone.
    """
    for _ in range(_DEEPEST):
        known = {row["step_id"] for row in steps} | {row["run_id"] for row in runs}
        missing = {row["parent_id"] for row in steps} - known - {None}
        if not missing:
            break
        more_runs = _living(_runs, thread_id).where(_runs.c.run_id.in_(missing))
        more_steps = _living(_steps, thread_id).where(
            _steps.c.step_id.in_(missing), _steps.c.type.not_in(_MESSAGES)
        )
        found_runs, found = await read_rows(connection, more_runs), await read_rows(connection, more_steps)
        if not found_runs and not found:
            break
        runs.extend(found_runs)
        steps.extend(found)
    steps.sort(key=_by_seq)
    runs.sort(key=_by_seq)


def _living(
    table: Table, thread_id: str, cut: int | None = None, before: int | None = None
) -> Select[tuple[Any, ...]]:
    return on_screen(table, thread_id).where(_within(table.c.seq, cut, before))


def _within(seq: Column[int], cut: int | None, before: int | None) -> ColumnElement[bool]:
    within: ColumnElement[bool] = seq.is_not(None)
    if cut is not None:
        within &= seq >= cut
    if before is not None:
        within &= seq < before
    return within


def _by_seq(row: Row) -> int:
    return int(row["seq"])
