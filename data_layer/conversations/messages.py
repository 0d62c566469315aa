"""Reading a thread message by message: a page of them, with what stands beside them; and one turn."""

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from data_layer.conversations.forms import forms_under
from data_layer.conversations.threads import on_screen
from data_layer.database import schema
from data_layer.database.engine import Database
from data_layer.database.rows import Row, read_rows
from study.vocabulary import MESSAGE_TYPES, StepType

MOST_MESSAGES: Final = 200

_steps, _elements = schema.steps, schema.elements
_MESSAGES: Final = tuple(kind.value for kind in MESSAGE_TYPES)


@dataclass(frozen=True)
class MessagePage:
    """Some of a thread's messages in a row, oldest first.

    Args:
        messages: Rows of `steps`.
        steps: What agents did beside them, of the same turns; rows of `steps`.
        forms: Under them.
        elements: Files that stand with them.
        more: Whether there are others, further in the direction that was asked for.
    """

    messages: list[Row]
    steps: list[Row]
    forms: list[Row]
    elements: list[Row]
    more: bool


async def message_page(
    database: Database,
    thread_id: str,
    *,
    limit: int,
    before: int | None = None,
    after: int | None = None,
) -> MessagePage:
    """A page of what stands on a thread's screen.

    Args:
        database: Where.
        thread_id: Of somebody who has been asked who they are.
        limit: The most messages; at most MOST_MESSAGES.
        before: Only what stands before this `seq`: the nearest.
        after: Only what stands after this `seq`: the nearest. Without either, the newest.
    """
    size = max(1, min(limit, MOST_MESSAGES))
    query = on_screen(_steps, thread_id).where(_steps.c.type.in_(_MESSAGES)).limit(size + 1)
    if before is not None:
        query = query.where(_steps.c.seq < before)
    if after is not None:
        query = query.where(_steps.c.seq > after)
    forward = after is not None and before is None
    query = query.order_by(_steps.c.seq if forward else _steps.c.seq.desc())
    async with database.connect() as connection:
        found = await read_rows(connection, query)
        more, messages = len(found) > size, found[:size]
        messages = messages if forward else messages[::-1]
        return await _with_what_is_beside(connection, thread_id, messages, more)


async def turn_of(database: Database, thread_id: str, turn: int) -> MessagePage:
    """A message of the participant's, and all that answered it."""
    query = on_screen(_steps, thread_id).where(_steps.c.turn == turn, _steps.c.type.in_(_MESSAGES))
    async with database.connect() as connection:
        messages = await read_rows(connection, query.order_by(_steps.c.seq))
        return await _with_what_is_beside(connection, thread_id, messages, False)


async def newest_spoken(database: Database, thread_id: str) -> str | None:
    """The id of the participant's newest message that stands in a thread."""
    query = on_screen(_steps, thread_id).with_only_columns(_steps.c.step_id)
    query = query.where(_steps.c.type == StepType.USER_MESSAGE.value).order_by(_steps.c.seq.desc()).limit(1)
    found: str | None = await database.read(lambda connection: connection.scalar(query))
    return found


async def _with_what_is_beside(
    connection: AsyncConnection, thread_id: str, messages: list[Row], more: bool
) -> MessagePage:
    if not messages:
        return MessagePage([], [], [], [], more)
    turns = {row["turn"] for row in messages if row["turn"] is not None}
    steps: Select[Any] = on_screen(_steps, thread_id).where(_steps.c.type.not_in(_MESSAGES))
    steps = steps.where(_steps.c.turn.in_(turns)).order_by(_steps.c.seq)
    ids = [row["step_id"] for row in messages]
    elements = select(_elements).where(_elements.c.thread_id == thread_id, _elements.c.deleted_at.is_(None))
    elements = elements.where(_elements.c.message_id.in_(ids)).order_by(_elements.c.seq)
    return MessagePage(
        messages,
        await read_rows(connection, steps),
        await forms_under(connection, messages),
        await read_rows(connection, elements),
        more,
    )
