"""Messages: read page by page, said and answered, stopped."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from api.caller import Participant, still_in
from api.common import VERSIONED, IdempotencyKey, MessageId, ThreadId, Turns, etag_of
from api.context import ApiContext, Context, SignedIn
from api.live.hub import SIGNED_OUT
from api.live.schemas import STREAM
from api.live.sse import stream_of
from api.live.told import ToldTurn
from api.models import AnsweredTurn, Message, MessageList
from api.once_route import Deed, OnceRoute
from api.own import own_message, own_thread
from api.problem import ApiProblem, no_such
from api.shapes import file_shape, form_shape, message_shape, step_shape
from api.turns import ApiTurns, check_words, made_id
from data_layer.conversations import branches, threads
from data_layer.conversations.forms import form_mark
from data_layer.conversations.messages import MOST_MESSAGES, MessagePage, message_page, turn_of
from data_layer.database.rows import Row
from stages.spoken import Spoken

router = APIRouter(tags=["Messages"], route_class=OnceRoute)


class NewMessage(BaseModel):
    """What a participant says."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"content": "Hello"}]})

    content: str = Field(
        description="The words, as they are to be kept; at most `message_length` of GET /study are answered."
    )
    files: list[Annotated[str, Field(max_length=40)]] = Field(
        default_factory=list, max_length=50, description="Ids of uploads that come with it."
    )


@router.get("/threads/{thread_id}/messages", summary="Read messages")
async def read(
    thread_id: ThreadId,
    who: Participant,
    context: Context,
    before: Annotated[str | None, Query(max_length=40, description="Those before this message.")] = None,
    after: Annotated[str | None, Query(max_length=40, description="Those after this message.")] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_MESSAGES)] = 50,
) -> MessageList:
    """Read what stands in a thread; without `before` or `after` its newest messages."""
    await own_thread(context, who, thread_id)
    places = [await _place(context, thread_id, given) for given in (before, after)]
    database = context.record.database
    page = await message_page(database, thread_id, limit=limit, before=places[0], after=places[1])
    return MessageList(**await _shapes(context, thread_id, page), more=page.more)


@router.get("/threads/{thread_id}/messages/{message_id}", summary="Read a message", responses=VERSIONED)
async def read_one(
    thread_id: ThreadId, message_id: MessageId, who: Participant, context: Context, response: Response
) -> Message:
    """Read one message."""
    row = await own_message(context, who, thread_id, message_id)
    response.headers["ETag"] = etag_of(row)
    marks = await branches.marks(context.record.database, thread_id)
    return Message(**message_shape(row, marks.get(message_id)))


@router.post(
    "/threads/{thread_id}/messages",
    status_code=201,
    summary="Say something",
    response_model=AnsweredTurn,
    responses=STREAM,
)
async def say(
    thread_id: ThreadId,
    new: NewMessage,
    request: Request,
    who: Participant,
    context: Context,
    turns: Turns,
    response: Response,
    key: IdempotencyKey = None,
) -> Any:
    """Say something, and get the answer: whole, or with `Accept: text/event-stream` as it comes."""
    await own_thread(context, who, thread_id)
    if not new.files:
        check_words(new.content)
    if "text/event-stream" in request.headers.get("accept", ""):
        return await stream_of(turns, context, who, thread_id, new.content, key, tuple(new.files))
    said = await answered(turns, context, who, thread_id, new.content, key, tuple(new.files))
    response.headers["Location"] = f"messages/{said.message.id}"
    return said


class Stopped(BaseModel):
    """What a Stop did."""

    stopped: bool = Field(description="Whether there was a reply to stop.")


@router.post("/threads/{thread_id}/stop", summary="Stop a reply")
async def stop(
    thread_id: ThreadId,
    who: Participant,
    context: Context,
    turns: Turns,
    deed: Deed,
    key: IdempotencyKey = None,
) -> Stopped:
    """Stop the reply that is being given in a thread; what was shown of it stays."""
    await own_thread(context, who, thread_id)
    if deed.before is None:
        deed.answer = {"stopped": await turns.stop(thread_id)}
    elif deed.before.answer is not None:
        deed.answer = deed.before.answer
    return Stopped(**(deed.answer or {"stopped": False}))


async def answered(
    turns: ApiTurns,
    context: ApiContext,
    who: SignedIn,
    thread_id: str,
    content: str,
    key: str | None,
    files: tuple[str, ...] = (),
    *,
    checked: bool = False,
) -> AnsweredTurn:
    """Say something and wait for the answer; what was said before under the same key is not said again."""
    message_id = made_id(who.participant_id, f"message {thread_id}", key)
    with turns.connected(thread_id) as listener:
        if key is None or await turns.said_already(thread_id, message_id, content) is None:
            if not checked:
                await turns.check_may_speak(thread_id)
            files = await turns.attached(message_id, files)
            agent = context.agents.default.name
            spoken = Spoken(thread_id, who.participant_id, message_id, content, agent, files=files)
            turns.say(spoken, listener)
            told = await ToldTurn(message_id).gather(listener)
            # Without a reply the record tells it: another process may have kept it first, and answer it.
            if told is not None and told["replies"]:
                return AnsweredTurn(**told)
        elif context.stage.under_way(thread_id):
            await turns.until_ended(listener, message_id)
    return await said_turn(context, who, thread_id, message_id)


async def said_turn(context: ApiContext, who: SignedIn, thread_id: str, message_id: str) -> AnsweredTurn:
    """A turn that has ended, as it now stands.

    Raises:
        ApiProblem: It waits in the journal; another process answers it still; or it was erased, for its
            participant has withdrawn meanwhile.
    """
    database = context.record.database
    row = await threads.step_row(database, message_id)
    if row is None or row["turn"] is None:
        if not await still_in(context, who):
            raise ApiProblem(401, "signed_out", SIGNED_OUT)
        raise ApiProblem(
            503,
            "saving_delayed",
            "It is kept, and will be answered when the database is back. Ask for the thread's messages then.",
            headers={"Retry-After": "60"},
        )
    if context.record.hints.others and await threads.is_answered_now(database, message_id=message_id):
        raise ApiProblem(
            409,
            "under_way",
            "Another process answers it now. Ask again under the same key when it is done.",
            headers={"Retry-After": "2"},
        )
    shapes = await _shapes(context, thread_id, await turn_of(database, thread_id, row["turn"]))
    messages = shapes.pop("messages")
    own = next((one for one in messages if one["id"] == message_id), message_shape(row))
    replies = [one for one in messages if one["id"] != message_id and one["role"] != "user"]
    return AnsweredTurn(message=Message(**own), replies=[Message(**one) for one in replies], **shapes)


async def _shapes(context: ApiContext, thread_id: str, page: MessagePage) -> dict[str, Any]:
    marks = await branches.marks(context.record.database, thread_id)
    return {
        "messages": [message_shape(row, marks.get(row["step_id"])) for row in page.messages],
        "steps": [step_shape(row) for row in page.steps],
        "forms": [form_shape(form_mark(row)) for row in page.forms],
        "files": [file_shape(row) for row in page.elements],
    }


async def _place(context: ApiContext, thread_id: str, message_id: str | None) -> int | None:
    if message_id is None:
        return None
    row: Row | None = await threads.step_row(context.record.database, message_id)
    if row is None or row["thread_id"] != thread_id:
        raise no_such("message")
    return int(row["seq"])
