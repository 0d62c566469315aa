"""A participant's threads: the list, one of them, its title, tags and state; taken away and brought back."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from api.caller import Participant
from api.common import VERSIONED, IdempotencyKey, IfMatch, ThreadId, Turns, check_version, etag_of, one_change
from api.context import ApiContext, Context, SignedIn
from api.messages import answered
from api.models import AnsweredTurn
from api.once_route import Deed, OnceRoute
from api.own import own_thread
from api.problem import ApiProblem, no_such
from api.shapes import thread_shape
from api.turns import check_words, made_id
from data_layer.conversations.own_threads import archived_page, deleted_page
from data_layer.conversations.threads import ThreadPage, list_page, thread_row
from data_layer.database.rows import Row
from data_layer.writing.writes import PutThread, RenameThread
from stages.own_threads import LONGEST_TITLE, MOST_TAGS_READ, OwnThreads

router = APIRouter(tags=["Threads"], route_class=OnceRoute)

LARGEST_PAGE = 100

Title = Annotated[str, Field(min_length=1, max_length=LONGEST_TITLE, description="What the list calls it.")]
Tags = Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=MOST_TAGS_READ)]


class Thread(BaseModel):
    """A conversation, as its participant's list shows it."""

    id: str
    title: str
    preview: str = Field(description="The beginning of its last message.")
    timestamp: str = Field(description="Its participant's last message, in UTC.")
    message_count: int
    agent: str | None = Field(description="Who answers in it; null before anybody was chosen.")
    state: Literal["active", "archived", "deleted"]
    tags: list[str]


class ThreadList(BaseModel):
    """A page of threads."""

    threads: list[Thread]
    next_cursor: str | None = Field(description="For the page after it; null on the last.")


class NewThread(BaseModel):
    """A thread that is to be begun."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"initial_message": "Hello"}]})

    title: Title | None = None
    agent: Annotated[str, Field(max_length=200)] | None = Field(None, description="Who is to answer.")
    initial_message: str | None = Field(None, description="What the participant says first; it is answered.")


class BegunThread(BaseModel):
    """A thread that was begun, and what was answered to its first message."""

    thread: Thread
    said: AnsweredTurn | None = None


class ThreadChanges(BaseModel):
    """What is to be changed of a thread; what is left out stays."""

    title: Title | None = None
    tags: Tags | None = None
    state: Literal["active"] | None = Field(
        None, description="active: back to the list, from the archive or from among those deleted."
    )


class ThreadSetting(BaseModel):
    """All that can be changed of a thread."""

    title: Title
    tags: Tags


@router.post("/threads", status_code=201, summary="Begin a thread")
async def begin(
    new: NewThread,
    who: Participant,
    context: Context,
    turns: Turns,
    response: Response,
    key: IdempotencyKey = None,
) -> BegunThread:
    """Begin a thread; with `initial_message` the answer waits for the agent's."""
    if new.agent is not None and context.agents.get(new.agent) is None:
        offered = ", ".join(agent.name for agent in context.agents.offered)
        raise ApiProblem(
            422, "no_such_agent", f"No agent has this name. There are: {offered}.", field="body.agent"
        )
    if new.initial_message is not None:
        check_words(new.initial_message)
    thread_id = made_id(who.participant_id, "thread", key)
    known = await thread_row(context.record.database, thread_id) if key is not None else None
    if known is None:
        await turns.check_may_speak(thread_id)
        await _put(context, who, thread_id, new)
    said = None
    if new.initial_message is not None:
        words = new.initial_message
        said = await answered(turns, context, who, thread_id, words, key, checked=known is None)
    row = await own_thread(context, who, thread_id, deleted=True)
    response.headers["ETag"] = etag_of(row)
    response.headers["Location"] = f"threads/{thread_id}"
    return BegunThread(thread=Thread(**thread_shape(row)), said=said)


@router.get("/threads", summary="List threads")
async def listed(
    who: Participant,
    context: Context,
    state: Annotated[Literal["active", "archived", "deleted"], Query(description="Which list.")] = "active",
    tag: Annotated[str | None, Query(max_length=200, description="Only those with this tag.")] = None,
    agent: Annotated[str | None, Query(max_length=200, description="Only those in which it answers.")] = None,
    q: Annotated[str, Query(max_length=1_000, description="Only those with all these words.")] = "",
    cursor: Annotated[str | None, Query(max_length=200, description="next_cursor of the last page.")] = None,
    limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = 35,
) -> ThreadList:
    """List one's own threads, the newest activity first."""
    page = await _page(context, who, state, tag=tag, agent=agent, q=q, cursor=cursor, limit=limit)
    return ThreadList(
        threads=[Thread(**thread_shape(row)) for row in page.threads], next_cursor=page.next_cursor
    )


@router.get("/threads/{thread_id}", summary="Read a thread", responses=VERSIONED)
async def read(thread_id: ThreadId, who: Participant, context: Context, response: Response) -> Thread:
    """Read one thread; its messages are at /threads/{id}/messages."""
    row = await own_thread(context, who, thread_id, deleted=True)
    response.headers["ETag"] = etag_of(row)
    return Thread(**thread_shape(row))


@router.patch("/threads/{thread_id}", summary="Change a thread", responses=VERSIONED)
async def change(
    thread_id: ThreadId,
    changes: ThreadChanges,
    who: Participant,
    context: Context,
    response: Response,
    if_match: IfMatch = None,
) -> Thread:
    """Change a thread's title or tags, or bring it back to the list."""
    async with one_change(context, thread_id, if_match):
        row = await own_thread(context, who, thread_id, deleted=changes.state is not None)
        check_version(row, if_match)
        await _change(OwnThreads(context.record), who.participant_id, row, changes)
    return await read(thread_id, who, context, response)


@router.put("/threads/{thread_id}", summary="Set a thread", responses=VERSIONED)
async def put(
    thread_id: ThreadId,
    whole: ThreadSetting,
    who: Participant,
    context: Context,
    response: Response,
    if_match: IfMatch = None,
) -> Thread:
    """Set a thread's title and tags."""
    changes = ThreadChanges(title=whole.title, tags=whole.tags)
    return await change(thread_id, changes, who, context, response, if_match)


@router.delete("/threads/{thread_id}", status_code=204, summary="Delete a thread")
async def delete(thread_id: ThreadId, who: Participant, context: Context, if_match: IfMatch = None) -> None:
    """Take a thread away; POST /threads/{id}/restore brings it back."""
    async with one_change(context, thread_id, if_match):
        check_version(await own_thread(context, who, thread_id), if_match)
        await OwnThreads(context.record).delete(who.participant_id, thread_id)


@router.post("/threads/{thread_id}/restore", summary="Restore a thread")
async def restore(
    thread_id: ThreadId,
    who: Participant,
    context: Context,
    response: Response,
    deed: Deed,
    key: IdempotencyKey = None,
) -> Thread:
    """Bring back a thread that was deleted; one that was not stays as it is."""
    await own_thread(context, who, thread_id, deleted=True)
    if deed.before is None:
        await OwnThreads(context.record).restore(who.participant_id, thread_id)
    return await read(thread_id, who, context, response)


class Cleared(BaseModel):
    """What was taken away."""

    deleted: int


@router.delete("/threads", summary="Delete all threads")
async def clear(
    who: Participant,
    context: Context,
    confirm: Annotated[bool, Query(description="Must be true: all are taken away.")] = False,
) -> Cleared:
    """Take all of one's own threads away; each can be brought back."""
    if not confirm:
        raise ApiProblem(
            422, "not_confirmed", "Add confirm=true: this deletes all of your threads.", field="query.confirm"
        )
    deleted = 0
    for state in ("active", "archived"):
        while (page := await _page(context, who, state, limit=LARGEST_PAGE)).threads:
            for row in page.threads:
                await OwnThreads(context.record).delete(who.participant_id, row["thread_id"])
                deleted += 1
    return Cleared(deleted=deleted)


async def _change(own: OwnThreads, whose: str, row: Row, changes: ThreadChanges) -> None:
    thread_id = row["thread_id"]
    if changes.state is not None and row["deleted_at"] is not None:
        await own.restore(whose, thread_id)
    if changes.state is not None and row["archived_at"] is not None:
        await own.unarchive(whose, thread_id)
    if changes.title is not None:
        await own.rename(whose, thread_id, changes.title)
    if changes.tags is not None:
        await own.tag(whose, thread_id, changes.tags)


async def _put(context: ApiContext, who: SignedIn, thread_id: str, new: NewThread) -> None:
    now, agent = context.record.now(), new.agent or context.agents.default.name
    writes: list[Any] = [PutThread(thread_id, who.participant_id, now, "", agent)]
    if new.title is not None:
        writes.append(RenameThread(thread_id, new.title, now, who.participant_id))
    outcome = await context.record.writer.submit(*writes)
    if outcome.refused is not None:
        raise no_such("thread")


async def _page(
    context: ApiContext,
    who: SignedIn,
    state: str,
    *,
    limit: int,
    tag: str | None = None,
    agent: str | None = None,
    q: str = "",
    cursor: str | None = None,
) -> ThreadPage:
    database, whose = context.record.database, who.participant_id
    if state == "active":
        return await list_page(database, whose, first=limit, cursor=cursor, search=q, tag=tag, agent=agent)
    if q or tag is not None or agent is not None:
        raise ApiProblem(422, "no_filter", "Only the active list has filters.", field="query.state")
    pages = {"archived": archived_page, "deleted": deleted_page}
    return await pages[state](database, whose, first=limit, cursor=cursor)
