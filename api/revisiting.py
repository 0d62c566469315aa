"""What is done with messages that stand: said otherwise, answered anew, walked between, taken away."""

from contextlib import nullcontext
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from api.caller import Participant
from api.common import IdempotencyKey, IfMatch, MessageId, ThreadId, Turns, check_version, one_change
from api.compared import ComparedEdit
from api.context import ApiContext, Context, SignedIn
from api.deeds import Does
from api.live.schemas import ALSO_STREAM
from api.live.sse import acted
from api.messages import said_turn
from api.models import AnsweredTurn
from api.once_route import Deed, OnceRoute
from api.own import own_message
from api.problem import ApiProblem, no_such
from api.shapes import moment
from api.turns import check_words
from data_layer.conversations import branches
from data_layer.database.rows import Row
from stages.chat.forms import is_form_answer
from stages.own_messages import remove_message
from stages.screen import Screen
from stages.spoken import Spoken
from study.vocabulary import StepType

router = APIRouter(tags=["Messages"], route_class=OnceRoute)

_STREAM = "text/event-stream"


class OtherWords(BaseModel):
    """What a message is to say instead."""

    content: str = Field(description="The words, as they are to be kept.")


class BranchNumber(BaseModel):
    """Which branch is to be shown."""

    number: int = Field(ge=1, le=100_000, description="From 1; `branch` of a message says of how many.")


class Wording(BaseModel):
    """One wording of a message."""

    revision: int
    content: str
    created_at: str | None
    stands: bool = Field(description="Whether the message reads so now.")


class WordingList(BaseModel):
    """How a message has been said."""

    revisions: list[Wording] = Field(description="The oldest first; POST .../branch {number} shows one.")


@router.put(
    "/threads/{thread_id}/messages/{message_id}",
    summary="Say it otherwise",
    response_model=AnsweredTurn,
    responses=ALSO_STREAM,
)
async def edit(
    thread_id: ThreadId,
    message_id: MessageId,
    new: OtherWords,
    request: Request,
    who: Participant,
    context: Context,
    turns: Turns,
    does: Does,
    if_match: IfMatch = None,
) -> Any:
    """Say a message of one's own otherwise: a new revision, and a new branch, which is answered anew.

    The answer comes whole, or with `Accept: text/event-stream` as it is given.
    """
    check_words(new.content)
    stage, spoken = context.stage, does.spoken(thread_id, message_id, new.content)
    streams = _STREAM in request.headers.get("accept", "")
    # Who names no version wants it said so whatever it says now: nobody waits for anybody.
    held = nullcontext() if if_match is None else context.onces.lock(f"change {message_id}")
    async with held:
        check_version(await _own_words(context, who, thread_id, message_id), if_match)
        await turns.check_may_speak(thread_id)
        compared = ComparedEdit(if_match)

        async def say_otherwise(said: Spoken, screen: Screen) -> None:
            await stage.edit(said, screen, compared)

        try:
            if if_match is not None and context.record.hints.others:
                await compared.hold(context.record.database, f"change {message_id}")
                # The stage stops what is being said: after that change it is the answer to it.
                check_version(await _own_words(context, who, thread_id, message_id), if_match)
            if streams:
                return await acted(turns, context, who, spoken, say_otherwise, compared.begun)
            await does.do(spoken, say_otherwise)
        finally:
            compared.taken()
    compared.check()
    return await said_turn(context, who, thread_id, message_id)


@router.delete("/threads/{thread_id}/messages/{message_id}", status_code=204, summary="Delete a message")
async def delete(
    thread_id: ThreadId,
    message_id: MessageId,
    who: Participant,
    context: Context,
    does: Does,
    if_match: IfMatch = None,
) -> None:
    """Take one message away, the participant's or an agent's, and nothing else; it does not come back."""
    async with one_change(context, message_id, if_match):
        row = await own_message(context, who, thread_id, message_id)
        check_version(row, if_match)
        if is_form_answer(row):
            raise ApiProblem(
                409, "cannot_be_done", "This message is a form that was sent: its answers stand."
            )
        if context.stage.under_way(thread_id):
            raise ApiProblem(409, "answering", "An answer is being given: wait for it, or stop it first.")
        spoken = does.spoken(thread_id, message_id)
        record, whose = context.record, who.participant_id
        await does.do(
            spoken, lambda _, screen: remove_message(record, whose, row, screen), about=None, speaks=False
        )


@router.post("/threads/{thread_id}/messages/{message_id}/again", summary="Answer anew")
async def again(
    thread_id: ThreadId,
    message_id: MessageId,
    who: Participant,
    context: Context,
    does: Does,
    deed: Deed,
    key: IdempotencyKey = None,
) -> AnsweredTurn:
    """Have a message answered once more; the answer that stood is kept as a branch."""
    row = await own_message(context, who, thread_id, message_id)
    question = await branches.question_of(context.record.database, row["step_id"]) or message_id
    if deed.before is None:
        await does.check_may_speak(thread_id)
        await does.do(does.spoken(thread_id, question), context.stage.again)
    return await said_turn(context, who, thread_id, question)


@router.post("/threads/{thread_id}/messages/{message_id}/retry", summary="Retry an answer")
async def retry(
    thread_id: ThreadId,
    message_id: MessageId,
    who: Participant,
    context: Context,
    turns: Turns,
    does: Does,
    deed: Deed,
    key: IdempotencyKey = None,
) -> AnsweredTurn:
    """Have the thread's last message answered, whose answer failed or broke off."""
    await _own_words(context, who, thread_id, message_id)
    if deed.before is None:
        # What has no answer yet is answered whatever is used up: the stage asks that of another answer alone.
        turns.check_pace()
        await does.do(does.spoken(thread_id, message_id), context.stage.retry)
    return await said_turn(context, who, thread_id, message_id)


@router.post("/threads/{thread_id}/messages/{message_id}/branch", summary="Show another branch")
async def walk(
    thread_id: ThreadId,
    message_id: MessageId,
    to: BranchNumber,
    who: Participant,
    context: Context,
    does: Does,
    deed: Deed,
    key: IdempotencyKey = None,
) -> AnsweredTurn:
    """Walk to another wording of a message, or to another answer, and to all that followed it."""
    await own_message(context, who, thread_id, message_id)
    question = await branches.question_of(context.record.database, message_id) or message_id
    stage = context.stage
    if deed.before is None:
        await does.do(
            does.spoken(thread_id, message_id),
            lambda said, screen: stage.show_branch(said, to.number, screen),
            about=question,
            speaks=False,
        )
    return await said_turn(context, who, thread_id, question)


@router.get("/threads/{thread_id}/messages/{message_id}/revisions", summary="Read all wordings")
async def revisions(
    thread_id: ThreadId, message_id: MessageId, who: Participant, context: Context
) -> WordingList:
    """Read how a message of one's own has been said."""
    row = await _own_words(context, who, thread_id, message_id)
    found = await branches.wordings(context.record.database, message_id)
    return WordingList(
        revisions=[
            Wording(
                revision=one["revision"],
                content=one["output"],
                created_at=moment(one["created_at"]),
                stands=one["revision"] == row["revision"],
            )
            for one in found
        ]
    )


async def _own_words(context: ApiContext, who: SignedIn, thread_id: str, message_id: str) -> Row:
    """A message that its participant said themselves."""
    row = await own_message(context, who, thread_id, message_id)
    if row["type"] != StepType.USER_MESSAGE:
        raise no_such("message")
    return row
