"""Finding one's own messages again."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from api.caller import Participant
from api.context import Context
from api.problem import ApiProblem
from api.shapes import moment
from data_layer.conversations.own_threads import tags_of
from data_layer.search.participant_search import ParticipantSearchHit
from meaning.own import search_own
from study.errors import AgentError, QueryError
from study.semantic_search import SearchMode
from study.vocabulary import ROLE_OF_TYPE, StepType

router = APIRouter(tags=["Finding"])


class SnippetOfHit(BaseModel):
    """A piece of the place that was found."""

    text: str
    hit: bool = Field(description="Whether these are the words that were looked for.")


class Hit(BaseModel):
    """What was found."""

    thread_id: str
    title: str = Field(description="The thread's.")
    message_id: str | None = Field(description="null where the title was found.")
    role: str | None = Field(description="user, assistant or system; null for a title.")
    at: str | None = Field(description="When it was said; of a title, when its thread was last active.")
    snippet: list[SnippetOfHit]


class HitList(BaseModel):
    """A page of what was found."""

    hits: list[Hit] = Field(description="By words titles first, then the newest messages; else the nearest.")
    next_cursor: str | None = Field(description="For the page after it; null on the last.")


class TagCount(BaseModel):
    """A tag, and how many threads bear it."""

    tag: str
    count: int


class TagList(BaseModel):
    """A participant's tags."""

    tags: list[TagCount]


@router.get("/search", summary="Search one's own threads")
async def search(
    who: Participant,
    context: Context,
    q: Annotated[str, Query(max_length=1_000, description="Words; all of them must stand in one message.")],
    mode: Annotated[
        Literal["text", "semantic", "hybrid"],
        Query(description="By words, by meaning, or both; meaning only where the server is set up for it."),
    ] = "text",
    cursor: Annotated[str | None, Query(max_length=40, description="next_cursor of the last page.")] = None,
) -> HitList:
    """Search the titles and messages of one's own threads."""
    meaning, whose = context.meaning, who.participant_id
    try:
        found = await search_own(context.record, meaning, whose, q, SearchMode(mode), cursor)
    except QueryError:
        off = "Search by meaning is off in this study. Use mode=text."
        raise ApiProblem(409, "meaning_is_off", off, field="query.mode") from None
    except AgentError:
        away = "The search by meaning does not answer at the moment. Use mode=text meanwhile."
        raise ApiProblem(503, "meaning_away", away, headers={"Retry-After": "60"}) from None
    return HitList(hits=[_hit(one) for one in found.hits], next_cursor=found.next_cursor)


@router.get("/tags", summary="List tags")
async def tags(who: Participant, context: Context) -> TagList:
    """List the tags of one's own threads."""
    found = await tags_of(context.record.database, who.participant_id)
    return TagList(tags=[TagCount(tag=tag, count=count) for tag, count in found])


def _hit(hit: ParticipantSearchHit) -> Hit:
    return Hit(
        thread_id=hit.thread_id,
        title=hit.title,
        message_id=hit.step_id,
        role=ROLE_OF_TYPE[StepType(hit.type)].value if hit.type else None,
        at=moment(hit.at),
        snippet=[SnippetOfHit(text=part.text, hit=part.hit) for part in hit.parts],
    )
