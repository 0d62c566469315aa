"""Reading the branches of a thread: what a page marks its messages with, and what a walk moves."""

from collections import defaultdict
from typing import Any

from sqlalchemy import and_, exists, func, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from data_layer.conversations.threads import on_screen
from data_layer.database import schema
from data_layer.database.engine import Database
from data_layer.database.ids import is_uuid
from data_layer.database.rows import Row
from study.vocabulary import StepType

steps, runs, kept = schema.steps, schema.runs, schema.step_revisions
ratings, bookmarks = schema.ratings, schema.bookmarks


async def behind(database: Database, message: Row) -> tuple[list[Row], list[Row]]:
    """What follows a participant's message on its thread's screen: no answer to an earlier one.

    Returns:
        Living steps that were shown, and living runs, in order.
    """
    async with database.connect() as connection:
        return (
            await _living(connection, steps, message),
            await _living(connection, runs, message),
        )


async def elements_of(database: Database, thread_id: str, step_ids: set[str]) -> list[Row]:
    """The living elements of some steps of a thread, in order."""
    elements = schema.elements
    query = on_screen(elements, thread_id).order_by(elements.c.seq)
    async with database.connect() as connection:
        found = (await connection.execute(query)).mappings()
        return [dict(row) for row in found if row["message_id"] in step_ids]


async def question_of(database: Database, step_id: str) -> str | None:
    """The participant's message that a step answers, or is; None where it answers none."""
    if not is_uuid(step_id):
        return None
    question = steps.alias("question")
    # A line of the app's own belongs to no run: it stands under the message of its turn.
    same_turn = (
        select(question.c.step_id)
        .where(question.c.thread_id == steps.c.thread_id, question.c.turn == steps.c.turn)
        .where(question.c.type == StepType.USER_MESSAGE.value, question.c.deleted_at.is_(None))
        .limit(1)
        .scalar_subquery()
    )
    query = (
        select(func.coalesce(runs.c.message_id, same_turn, steps.c.step_id))
        .select_from(steps.outerjoin(runs, runs.c.run_id == steps.c.run_id))
        .where(steps.c.step_id == step_id)
    )
    async with database.connect() as connection:
        found: str | None = await connection.scalar(query)
        return found


async def standing_run(connection: AsyncConnection, message_id: str) -> Row | None:
    """The run whose answer stands under a message."""
    query = select(runs).where(runs.c.message_id == message_id, runs.c.deleted_at.is_(None))
    row = (await connection.execute(query.order_by(runs.c.seq.desc()).limit(1))).mappings().first()
    return dict(row) if row else None


async def answers_of(database: Database, message: Row) -> list[str]:
    """The runs that a participant can walk between under a message as it now reads, in order."""
    async with database.connect() as connection:
        found = await _answers(connection, message["thread_id"])
        return [row["run_id"] for row in found[message["step_id"], message["revision"]]]


async def wordings(database: Database, step_id: str) -> list[Row]:
    """How a message has been said, the first wording first: rows of `step_revisions`."""
    query = select(kept).where(kept.c.step_id == step_id).order_by(kept.c.revision)
    async with database.connect() as connection:
        return [dict(row) for row in (await connection.execute(query)).mappings()]


async def marks(database: Database, thread_id: str) -> dict[str, Row]:
    """What a page shows with the messages of a thread beside their words.

    Returns:
        By step_id, of those alone that have any: `branch` {at, of}, `rating` {value, reasons, comment},
        `bookmarked`. All of it is the participant's own doing.
    """
    marked: dict[str, Row] = defaultdict(dict)
    async with database.connect() as connection:
        for step_id, place in (await _revisions(connection, thread_id)).items():
            marked[step_id]["branch"] = place
        for step_id, place in (await _places_of_answers(connection, thread_id)).items():
            marked[step_id]["branch"] = place
        current = select(ratings).where(ratings.c.thread_id == thread_id, ratings.c.is_current)
        for row in (await connection.execute(current)).mappings():
            marked[row["message_id"]]["rating"] = rating_mark(row)
        marks_kept = select(bookmarks.c.message_id).where(
            bookmarks.c.thread_id == thread_id, bookmarks.c.deleted_at.is_(None)
        )
        for message_id in await connection.scalars(marks_kept):
            marked[message_id]["bookmarked"] = True
    return dict(marked)


def rating_mark(row: Any) -> Row:
    """A rating as its page shows it."""
    return {"value": row["value"], "reasons": row["reasons"] or [], "comment": row["comment"]}


async def _living(connection: AsyncConnection, table: Any, message: Row) -> list[Row]:
    query = on_screen(table, message["thread_id"]).where(table.c.seq > message["seq"]).order_by(table.c.seq)
    query = query.where(or_(table.c.turn.is_(None), table.c.turn >= (message["turn"] or 0)))
    return [dict(row) for row in (await connection.execute(query)).mappings()]


async def _revisions(connection: AsyncConnection, thread_id: str) -> dict[str, Row]:
    """Where a message that was said in several ways now stands among them."""
    several = (
        select(kept.c.step_id, func.max(kept.c.revision).label("last"))
        .where(kept.c.thread_id == thread_id)
        .group_by(kept.c.step_id)
        .having(func.max(kept.c.revision) > 1)
        .subquery()
    )
    query = (
        select(steps.c.step_id, steps.c.revision, several.c.last)
        .join(several, several.c.step_id == steps.c.step_id)
        .where(steps.c.type == StepType.USER_MESSAGE.value, steps.c.deleted_at.is_(None))
    )
    return {row.step_id: {"at": row.revision, "of": row.last} for row in await connection.execute(query)}


async def _answers(connection: AsyncConnection, thread_id: str) -> dict[tuple[str, int], list[Row]]:
    """The runs of messages that were answered more than once, by message and its revision.

    One that left without having said a word is none to walk to.
    """
    several = (
        select(runs.c.message_id, runs.c.message_revision)
        .where(runs.c.thread_id == thread_id)
        .group_by(runs.c.message_id, runs.c.message_revision)
        .having(func.count() > 1)
    )
    said = exists().where(
        steps.c.run_id == runs.c.run_id,
        steps.c.type == StepType.ASSISTANT_MESSAGE.value,
        steps.c.output != "",
    )
    reachable = and_(runs.c.branch == runs.c.run_id, said)
    query = (
        select(runs.c.run_id, runs.c.message_id, runs.c.message_revision, runs.c.turn, runs.c.deleted_at)
        .where(runs.c.thread_id == thread_id)
        .where(tuple_(runs.c.message_id, runs.c.message_revision).in_(several))
        .where(or_(runs.c.deleted_at.is_(None), reachable))
        .order_by(runs.c.seq)
    )
    found: dict[tuple[str, int], list[Row]] = defaultdict(list)
    for row in (await connection.execute(query)).mappings():
        answers = found[row["message_id"], row["message_revision"]]
        if row["deleted_at"] is None:
            # Of an agent that could not answer and the one that stepped in, the last stands for both.
            answers[:] = [one for one in answers if one["deleted_at"] is not None]
        answers.append(dict(row))
    return found


async def _places_of_answers(connection: AsyncConnection, thread_id: str) -> dict[str, Row]:
    """Where an answer that has others beside it stands among them, on the last thing that it showed.

    That is its last message; or, when it broke off before its first word, the app's line about it.
    """
    found = await _answers(connection, thread_id)
    places: dict[str, Row] = {}
    turns: dict[int, Row] = {}
    for answers in found.values():
        for number, run in enumerate(answers, start=1):
            if run["deleted_at"] is None and len(answers) > 1:
                places[run["run_id"]] = turns[run["turn"]] = {"at": number, "of": len(answers)}
    if not places:
        return {}
    shown = (
        select(steps.c.step_id, steps.c.run_id, steps.c.turn, steps.c.type)
        .where(steps.c.thread_id == thread_id, steps.c.deleted_at.is_(None))
        .where(
            or_(
                and_(steps.c.run_id.in_(list(places)), steps.c.type == StepType.ASSISTANT_MESSAGE.value),
                and_(steps.c.turn.in_(list(turns)), steps.c.type == StepType.SYSTEM_MESSAGE.value),
            )
        )
        # Lines of the app's own first: an answer's message takes their place.
        .order_by(steps.c.type.desc(), steps.c.seq)
    )
    last: dict[int, str] = {}
    for row in await connection.execute(shown):
        last[row.turn] = row.step_id
    return {step_id: turns[turn] for turn, step_id in last.items() if turn in turns}
