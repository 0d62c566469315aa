"""Threads: the table with the filters of the room, the search, and what was said in one of them."""

from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from api.problem import ApiProblem
from api.research.shared import (
    LARGEST_PAGE,
    AnyThreadId,
    FromRow,
    Moment,
    narrowed,
    thread_asked_for,
    unknown,
)
from api.research.visitor import ReadsSearch, ReadsThreads, Visitor
from data_layer.database.rows import Row
from data_layer.review.filter_fields import FIELDS, LONGEST, filter_of
from data_layer.review.query import parse
from data_layer.review.search import search_threads, threads_found
from data_layer.review.segments import WHOLE, pieces_of
from data_layer.review.thread import WholeThread, read_whole
from data_layer.review.threads import Sort, is_cursor, list_threads
from study.errors import QueryError
from study.intents import IntentState
from study.roles import Right
from study.vocabulary import MESSAGE_TYPES, ROLE_OF_TYPE, StepType, ThreadState

router = APIRouter(tags=["Researchers: threads"])

# Threads that a search may choose at once, as in the room.
_MOST_FOUND: Final = 10_000
_MESSAGES: Final = frozenset(kind.value for kind in MESSAGE_TYPES)

YesNo = Literal["yes", "no"] | None
Words = Annotated[str, Field(max_length=LONGEST)]
Part = Annotated[int, Query(ge=1, le=100_000, description="Of a long thread: which piece, of `parts`.")]


class ThreadFilters(BaseModel):
    """The filters of the room's table of threads; what is left out does not narrow."""

    model_config = ConfigDict(extra="forbid")

    q: Words = Field("", description="A message says this; written as in the room's search.")
    since: Words = Field("", description="Begun on this UTC day or later, such as 2026-03-02.")
    until: Words = Field("", description="Begun on this UTC day or earlier.")
    agent: Words = Field("", description="Its name.")
    state: ThreadState | None = None
    participant: Words = Field("", description="The pseudonym, or how it begins.")
    simulated: YesNo = Field(None, description="Whether its participant is simulated.")
    imported: YesNo = Field(None, description="Whether it was held elsewhere, and imported.")
    least: Annotated[int, Field(ge=0, le=999_999)] | None = Field(None, description="At least so many turns.")
    most: Annotated[int, Field(ge=0, le=999_999)] | None = Field(None, description="At most so many turns.")
    rating: Literal["up", "down"] | None = Field(None, description="A reply is rated so.")
    error: YesNo = Field(None, description="Whether an agent failed.")
    stopped: YesNo = Field(None, description="Whether a reply was stopped.")
    edited: YesNo = Field(None, description="Whether a participant edited a message.")
    deleted: YesNo = Field(None, description="Whether its participant deleted it.")
    archived: YesNo = None
    intent: IntentState | Literal["none"] | None = Field(None, description="How one of its intents stands.")
    title: Words = Field("", description="Words of its title, the last at least begun.")
    tag: Words = Field("", description="One of its participant's tags.")
    model: Words = Field("", description="That was asked.")
    annotated: YesNo = Field(None, description="Whether it bears a code or a note.")
    code: Words = Field("", description="The id of a code that it bears, or of one above that.")
    by: Words = Field("", description="The id of the researcher whose annotation it bears.")
    assigned: Words = Field("", description="anybody, nobody, or the id of whoever has it to code.")
    coded: Literal["done", "open"] | None = Field(None, description="What whoever has it to code says.")


class ThreadQuery(ThreadFilters):
    """Which threads, in which order, and how many."""

    sort: Sort = Field(Sort.ACTIVE, description="As the room's table can be sorted.")
    cursor: Annotated[str, Field(max_length=100)] | None = Field(
        None, description="next_cursor of the last page, in the same order."
    )
    limit: Annotated[int, Field(ge=1, le=LARGEST_PAGE)] = 50


class SearchQuery(ThreadFilters):
    """What is looked for, and in which threads."""

    cursor: Annotated[str, Field(max_length=100)] | None = Field(
        None, description="next_cursor of the last page."
    )


class ResearchThread(FromRow):
    """A thread, without its participant's identity."""

    thread_id: str
    participant_id: str | None = Field(description="The pseudonym.")
    agent: str | None
    title: str
    preview: str = Field(description="The end of its last message.")
    message_count: int
    state: ThreadState
    tags: list[str] | None
    created_at: Moment
    last_activity_at: Moment
    deleted_at: Moment | None
    archived_at: Moment | None
    imported: bool = Field(description="It was held elsewhere, and imported: it is none of the study's own.")


class ResearchThreadPage(BaseModel):
    """A page of threads."""

    threads: list[ResearchThread]
    next_cursor: str | None = Field(description="For the page after it; null on the last.")


class FoundMessage(BaseModel):
    """A message that a search has found."""

    message_id: str
    thread_id: str
    participant_id: str | None
    thread_title: str
    role: str
    created_at: Moment
    is_gone: bool = Field(description="It, or its thread, has left the participant's screen.")
    imported: bool = Field(description="Its thread was held elsewhere: it is none of the study's own.")
    snippet: str = Field(description="The place, on one line.")


class FoundMessages(BaseModel):
    """A page of messages that were found."""

    messages: list[FoundMessage]
    next_cursor: str | None


class ResearchMessage(FromRow):
    """A message, as it stands on its participant's screen."""

    message_id: str
    role: str
    name: str
    agent: str | None
    content: str
    turn: int | None
    revision: int = Field(description="1 as it was first said.")
    status: str
    claimed_model: str | None = Field(
        None, description="Of an imported message the model that its source names: nobody here asked it."
    )
    created_at: Moment
    ended_at: Moment | None


class ThreadWithMessages(BaseModel):
    """A thread, and what stands in it."""

    thread: ResearchThread
    messages: list[ResearchMessage]
    part: int
    parts: int = Field(description="Into how many pieces it is cut: one, below some 500 messages.")


@router.get("/research/threads", summary="List threads")
async def listed(visitor: ReadsThreads, asked: Annotated[ThreadQuery, Query()]) -> ResearchThreadPage:
    """List the threads that a researcher reads, with every filter that the room has."""
    where = narrowed(asked.model_dump(mode="json", include=set(FIELDS)))
    database = visitor.context.record.read_database
    if asked.cursor and not is_cursor(asked.sort, asked.cursor):
        raise ApiProblem(422, "no_such_cursor", "This is no cursor of this order.", field="query.cursor")
    if "q" in where:
        visitor.check(Right.SEARCH)
    try:
        filter = visitor.reach(filter_of(where))
        node = parse(where["q"]) if "q" in where else None
        await visitor.note("threads_listed", **where)
        among = None if node is None else await threads_found(database, node, filter)
    except QueryError as error:
        raise ApiProblem(422, "no_such_filter", str(error)) from None
    if among is not None and len(among) > _MOST_FOUND:
        sentence = f"It finds more than {_MOST_FOUND:,} threads. Narrow the dates, or make an export."
        raise ApiProblem(422, "too_many_found", sentence, field="query.q")
    page = await list_threads(
        database, filter, sort=asked.sort, cursor=asked.cursor, size=asked.limit, among=among
    )
    shown = [ResearchThread.model_validate(row) for row in page.threads]
    return ResearchThreadPage(threads=shown, next_cursor=page.next_cursor)


@router.get("/research/messages", summary="Search messages")
async def found(visitor: ReadsSearch, asked: Annotated[SearchQuery, Query()]) -> FoundMessages:
    """Search what was said, the newest first, as the room's search does."""
    where = narrowed(asked.model_dump(mode="json", include=set(FIELDS)))
    try:
        filter, node = visitor.reach(filter_of(where)), parse(where.get("q", ""))
        await visitor.note("searched", **where)
        page = await search_threads(visitor.context.record.read_database, node, filter, asked.cursor)
    except QueryError as error:
        raise ApiProblem(422, "no_such_filter", str(error)) from None
    messages = [
        FoundMessage(
            message_id=hit.step_id,
            thread_id=hit.thread_id,
            participant_id=hit.participant_id,
            thread_title=hit.title,
            role=ROLE_OF_TYPE[StepType(hit.type)].value,
            created_at=hit.at,
            is_gone=hit.is_gone,
            imported=hit.imported,
            snippet="".join(part.text for part in hit.parts),
        )
        for hit in page.hits
    ]
    return FoundMessages(messages=messages, next_cursor=page.next_cursor)


@router.get("/research/threads/{thread_id}", summary="Read a thread")
async def one(visitor: ReadsThreads, thread_id: AnyThreadId, part: Part = 1) -> ThreadWithMessages:
    """Read what stands in a thread. What has left its screen, and what lay behind, is under /behind."""
    whole, parts = await piece_asked_for(visitor, thread_id, part)
    await visitor.note("thread_read", thread_id)
    standing = [
        step
        for step in whole.steps
        if step["type"] in _MESSAGES and step["deleted_at"] is None and step["shown"]
    ]
    return ThreadWithMessages(
        thread=thread_of(whole),
        messages=[ResearchMessage.model_validate(message_of(step)) for step in standing],
        part=part,
        parts=parts,
    )


async def piece_asked_for(visitor: Visitor, thread_id: str, part: int) -> tuple[WholeThread, int]:
    """A piece of a thread, and of how many.

    Raises:
        ApiProblem: There is no such thread of theirs to read, or no such piece of it.
    """
    await thread_asked_for(visitor, thread_id)
    database = visitor.context.record.read_database
    pieces = await pieces_of(database, thread_id)
    if part > len(pieces):
        sentence = f"The thread has {len(pieces)} parts."
        raise ApiProblem(422, "no_such_part", sentence, field="query.part")
    piece = WHOLE if len(pieces) == 1 else pieces[part - 1]
    whole = await read_whole(database, thread_id, piece)
    if whole is None:
        raise unknown("thread")
    return whole, len(pieces)


def thread_of(whole: WholeThread) -> ResearchThread:
    """The thread of a page of one."""
    return ResearchThread.model_validate(whole.thread | {"imported": whole.origin is not None})


def message_of(step: Row) -> dict[str, Any]:
    """A row of `steps` that is a message, as it is called here."""
    names = {"message_id": step["step_id"], "content": step["output"]}
    return step | names | {"role": ROLE_OF_TYPE[StepType(step["type"])].value}
