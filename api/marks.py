"""What a participant marks messages with: ratings of replies as the study offers them, and bookmarks."""

from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from api.caller import Participant
from api.common import MessageId
from api.context import ApiContext, Context
from api.models import Rating
from api.problem import ApiProblem
from stages.own_marks import LONGEST_COMMENT, OwnMarks
from web.problem import HttpProblem

router = APIRouter(tags=["Marks"])


class NewRating(BaseModel):
    """A rating that is to be kept."""

    model_config = ConfigDict(strict=True, json_schema_extra={"examples": [{"value": 1}]})

    value: Literal[0, 1] = Field(description="1 is good, 0 is bad.")
    reasons: list[Annotated[str, Field(max_length=80)]] = Field(
        default_factory=list,
        max_length=10,
        description="Of those that the study offers for this value: GET /study.",
    )
    comment: str | None = Field(
        None, max_length=LONGEST_COMMENT, description="Where the study takes comments: GET /study."
    )


class Bookmark(BaseModel):
    """A message that a participant wants to find again."""

    message_id: str
    thread_id: str
    title: str = Field(description="The thread's.")
    text: str = Field(description="The beginning of the message.")
    role: str = Field(description="user, assistant or system.")
    created_at: str = Field(description="When the bookmark was put.")
    stands: bool = Field(description="Whether the message is on the screen, or on a branch that was left.")


class BookmarkList(BaseModel):
    """A participant's bookmarks."""

    bookmarks: list[Bookmark] = Field(description="The newest first.")


@router.put("/messages/{message_id}/rating", summary="Rate a reply")
async def rate(message_id: MessageId, rating: NewRating, who: Participant, context: Context) -> Rating:
    """Rate a reply, or rate it anew; every change of mind is kept."""
    try:
        kept = await _marks(context).rate(who.participant_id, message_id, rating.model_dump())
    except HttpProblem as refused:
        raise _not_offered(context, rating, refused.field or "value") from None
    return Rating(**kept)


@router.delete("/messages/{message_id}/rating", status_code=204, summary="Take a rating back")
async def take_back(message_id: MessageId, who: Participant, context: Context) -> None:
    """Take a rating back; what it said stays in the record."""
    await _marks(context).take_back(who.participant_id, message_id)


@router.get("/bookmarks", summary="List bookmarks")
async def bookmarks(who: Participant, context: Context) -> BookmarkList:
    """List one's own bookmarks."""
    found = await _marks(context).bookmarks(who.participant_id)
    return BookmarkList(bookmarks=[Bookmark(**one) for one in found])


@router.put("/messages/{message_id}/bookmark", status_code=204, summary="Put a bookmark")
async def bookmark(message_id: MessageId, who: Participant, context: Context) -> None:
    """Put a bookmark on a message; one that is there stays."""
    await _marks(context).bookmark(who.participant_id, message_id)


@router.delete("/messages/{message_id}/bookmark", status_code=204, summary="Take a bookmark away")
async def remove_bookmark(message_id: MessageId, who: Participant, context: Context) -> None:
    """Take a bookmark away."""
    await _marks(context).remove_bookmark(who.participant_id, message_id)


def _marks(context: ApiContext) -> OwnMarks:
    return OwnMarks(context.record, lambda: context.study.definition.ratings)


def _not_offered(context: ApiContext, rating: NewRating, field: str) -> ApiProblem:
    """Say what the study offers instead."""
    offered = context.study.definition.ratings
    if field == "comment":
        detail = "This study takes no comments. Leave comment out."
    else:
        known = ", ".join(offered.good if rating.value else offered.bad)
        detail = f"The study offers other reasons: {known}." if known else "The study offers no reasons."
    return ApiProblem(422, "not_offered", detail, field=f"body.{field}")
