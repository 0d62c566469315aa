"""The participant: who they are, what they may still use, and leaving the study."""

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from api.caller import Participant
from api.common import IdempotencyKey, ThreadId
from api.context import Context
from api.models import LeftToUse
from api.once_route import OnceRoute
from api.own import own_thread
from api.problem import no_such
from api.shapes import left_shape, moment

router = APIRouter(tags=["The participant"], route_class=OnceRoute)


class Me(BaseModel):
    """Who is in."""

    participant_id: str = Field(description="Their pseudonym, which stands in every table.")
    name: str | None = Field(description="What they called themselves, or were called by their link.")
    resume_code: str | None = Field(
        description="The password of their name, where names are claimed; null where none is asked for."
    )
    since: str | None = Field(description="When they first came.")
    left: LeftToUse = Field(description="What they may still use, in a new thread.")


class WithdrawalFigures(BaseModel):
    """What a withdrawal would erase."""

    threads: int
    messages: int
    files: int


class WithdrawalAsked(BaseModel):
    """A withdrawal, said in words: no stray request does it."""

    withdraw: Literal[True] = Field(description="Must be true: everything of theirs is erased, for good.")


class WithdrawalReceipt(BaseModel):
    """That everything was erased: a time and numbers, nothing of what they were numbers of."""

    id: str
    path: str = Field(description="Of a page with the same, below the server's address; it needs no sign-in.")
    withdrawn_at: str | None
    erased: WithdrawalFigures


@router.get("/me", summary="Who is in")
async def me(who: Participant, context: Context) -> Me:
    """Say who is in, with the resume code that another device needs."""
    record, whose = context.record, who.participant_id
    claimed = await record.claims.is_claimed(whose)
    return Me(
        participant_id=whose,
        name=await record.claims.name_of(whose),
        resume_code=await record.claims.code_of(whose) if claimed else None,
        since=moment(await record.known_since(whose)),
        left=LeftToUse(**left_shape(await context.stage.limits.left("", whose))),
    )


@router.get("/threads/{thread_id}/left", summary="What may still be used")
async def left(thread_id: ThreadId, who: Participant, context: Context) -> LeftToUse:
    """Say how much may still be said in a thread."""
    await own_thread(context, who, thread_id)
    found = await context.stage.limits.left(thread_id, who.participant_id)
    return LeftToUse(**left_shape(found))


@router.get("/me/withdrawal", summary="What a withdrawal would erase")
async def figures(who: Participant, context: Context) -> WithdrawalFigures:
    """Say how much would be erased, for the question before it."""
    before = await context.record.withdrawals.before(who.participant_id)
    if before is None:
        raise no_such("participant")
    return WithdrawalFigures(**{name: before[name] or 0 for name in WithdrawalFigures.model_fields})


@router.post("/me/withdrawal", summary="Withdraw")
async def withdraw(
    asked: WithdrawalAsked, who: Participant, context: Context, key: IdempotencyKey = None
) -> WithdrawalReceipt:
    """Leave the study: everything of the participant's is erased, and their sign-ins end."""
    row = await context.record.withdrawals.withdraw(who.participant_id, "participant")
    counts = row["counts"]
    return WithdrawalReceipt(
        id=row["withdrawal_id"],
        path=f"/withdrawn/{row['withdrawal_id']}",
        withdrawn_at=moment(row["withdrawn_at"]),
        erased=WithdrawalFigures(**{name: counts.get(name, 0) for name in WithdrawalFigures.model_fields}),
    )
