"""Links with which a participant lets others read a thread as it stood."""

import base64
import hashlib
import hmac

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from api.caller import Participant
from api.common import IdempotencyKey, ThreadId
from api.context import ApiContext, Context, SignedIn
from api.once_route import OnceRoute
from api.own import own_thread
from api.problem import ApiProblem
from api.shapes import moment
from api.turns import made_id
from data_layer.conversations.shares import TooManyShares
from data_layer.database.rows import Row

router = APIRouter(tags=["Sharing and saving"], route_class=OnceRoute)


class Share(BaseModel):
    """A link to a thread."""

    id: str
    made_at: str | None
    expires_at: str | None


class NewShareLink(Share):
    """A link that was just made; its path is shown this once."""

    path: str = Field(description="Below the server's address, for whoever is to read.")


class ShareList(BaseModel):
    """The links to a thread that work."""

    shares: list[Share] = Field(description="The newest first.")


@router.get("/threads/{thread_id}/shares", summary="List share links")
async def listed(thread_id: ThreadId, who: Participant, context: Context) -> ShareList:
    """List the links to a thread that work."""
    await own_thread(context, who, thread_id)
    found = await context.record.shares.of_thread(who.participant_id, thread_id)
    return ShareList(shares=[Share(**_shape(row)) for row in found])


@router.post("/threads/{thread_id}/shares", status_code=201, summary="Make a share link")
async def make(
    thread_id: ThreadId, who: Participant, context: Context, response: Response, key: IdempotencyKey = None
) -> NewShareLink:
    """Share a thread as it now stands: whoever has the link reads it, until it ends."""
    await own_thread(context, who, thread_id)
    sharing, shares = context.study.definition.sharing, context.record.shares
    if sharing is None:
        raise ApiProblem(403, "no_sharing", "This study has no links to conversations.")
    try:
        named = _named(context, who, thread_id, key)
        made = await shares.make(who.participant_id, thread_id, sharing.days, **named)
    except TooManyShares:
        raise ApiProblem(409, "too_many_shares", "It has many links already: end one first.") from None
    response.headers["Location"] = f"shares/{made.row['share_id']}"
    return NewShareLink(**_shape(made.row), path=f"/shared/{made.token}")


@router.delete("/threads/{thread_id}/shares/{share_id}", status_code=204, summary="End a share link")
async def end(thread_id: ThreadId, share_id: str, who: Participant, context: Context) -> None:
    """Stop a link from working, for good."""
    await own_thread(context, who, thread_id)
    await context.record.shares.end(who.participant_id, thread_id, share_id)


def _named(context: ApiContext, who: SignedIn, thread_id: str, key: str | None) -> dict[str, str]:
    """Under a key, a link is the same each time: its token is drawn from its id with the server's secret."""
    if key is None:
        return {}
    share_id = made_id(who.participant_id, f"share {thread_id}", key)
    drawn = hmac.new(context.secret.encode(), f"share {share_id}".encode(), hashlib.sha256).digest()
    return {"share_id": share_id, "token": base64.urlsafe_b64encode(drawn).decode().rstrip("=")}


def _shape(row: Row) -> dict[str, str | None]:
    return {
        "id": row["share_id"],
        "made_at": moment(row["created_at"]),
        "expires_at": moment(row["expires_at"]),
    }
