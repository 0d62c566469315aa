"""The quickest way to a chat: one POST, and what happens as it happens."""

from typing import Annotated

from fastapi import APIRouter, Header, Response
from pydantic import BaseModel, ConfigDict, Field

from api.caller import Participant
from api.common import IdempotencyKey, ThreadId, Turns
from api.context import ApiContext, Context, SignedIn
from api.live.place import LONGEST_PLACE, Place
from api.live.schemas import STREAM
from api.live.sse import resumed, stream_of, watched
from api.own import own_thread
from api.problem import ApiProblem, no_such
from api.turns import check_pace_of_openings, check_words, made_id
from data_layer.conversations import threads
from data_layer.conversations.messages import newest_spoken

router = APIRouter(tags=["Live"])

LastEventId = Annotated[
    str | None,
    Header(
        alias="Last-Event-ID", max_length=LONGEST_PLACE, description="The id of the last event that was read."
    ),
]


class ChatMessage(BaseModel):
    """What a participant says, and where."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"message": "Hello"}]})

    message: str = Field("", description="The words; with Last-Event-ID they are not said again.")
    thread_id: Annotated[str, Field(max_length=40)] | None = Field(
        None, description="In which thread; a new one when it is left out."
    )
    agent: Annotated[str, Field(max_length=200)] | None = Field(
        None, description="Who is to answer in a new one."
    )


@router.post("/chat/stream", response_class=Response, responses=STREAM, summary="Say something, live")
async def chat(
    said: ChatMessage,
    who: Participant,
    context: Context,
    turns: Turns,
    key: IdempotencyKey = None,
    last_event_id: LastEventId = None,
) -> Response:
    """Say something, and follow its answer; with `Last-Event-ID` one that was cut, from where it was.

    Of a cut stream send the same request again, with the id of its last event: what was said is not said
    twice. With an `Idempotency-Key` it is said then, where the server was killed before it was kept.
    """
    place = read_place(last_event_id)
    message_id = made_id(who.participant_id, "chat", key)
    if place is not None and place.message_id:
        under_way = context.live.thread_of(who.participant_id, place.message_id)
        if under_way is not None:
            return resumed(turns, context, who, under_way, place)
        row = await threads.step_row(context.record.database, place.message_id)
        if row is not None and await is_theirs(context, who, row["thread_id"]):
            check_pace_of_openings(context, who)
            return resumed(turns, context, who, row["thread_id"], place)
        if place.message_id != message_id:
            raise no_such("message")
    check_words(said.message)
    if said.agent is not None and context.agents.get(said.agent) is None:
        raise ApiProblem(
            422, "no_such_agent", "No agent has this name: GET /study lists them.", field="body.agent"
        )
    thread_id = said.thread_id or _thread_for(who, message_id)
    if said.thread_id is not None and said.thread_id != _thread_for(who, message_id):
        await own_thread(context, who, said.thread_id)
    return await stream_of(
        turns, context, who, thread_id, said.message, key, agent=said.agent, message_id=message_id
    )


@router.get(
    "/threads/{thread_id}/stream", response_class=Response, responses=STREAM, summary="Follow a thread"
)
async def follow(
    thread_id: ThreadId, who: Participant, context: Context, turns: Turns, last_event_id: LastEventId = None
) -> Response:
    """Follow all that happens in a thread, by whichever door; an EventSource resumes by itself."""
    await own_thread(context, who, thread_id)
    check_pace_of_openings(context, who)
    place = read_place(last_event_id)
    newest = "" if place is not None else await newest_message(context, thread_id)
    return watched(turns, context, who, thread_id, place, newest)


async def newest_message(context: ApiContext, thread_id: str) -> str:
    """From where on somebody reads who begins to follow now: a thread's last message, or its beginning."""
    return await newest_spoken(context.record.database, thread_id) or ""


async def is_theirs(context: ApiContext, who: SignedIn, thread_id: str) -> bool:
    """Whether a thread is a participant's, and not deleted."""
    row = await threads.thread_row(context.record.database, thread_id)
    return row is not None and row["participant_id"] == who.participant_id and row["deleted_at"] is None


def read_place(last_event_id: str | None) -> Place | None:
    """Where a reader was.

    Raises:
        ApiProblem: No event of ours has such an id.
    """
    if not last_event_id:
        return None
    place = Place.read(last_event_id)
    if place is None:
        raise ApiProblem(422, "no_such_event", "This is no event's id.", field="header.last-event-id")
    return place


def _thread_for(who: SignedIn, message_id: str) -> str:
    """The thread that a message begins: the same one each time, for who was cut off before it was kept."""
    return made_id(who.participant_id, "thread of", message_id)
