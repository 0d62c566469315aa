"""The quickest way to a chat: one POST, and what happens as it happens."""

from typing import Annotated, Any

from fastapi import APIRouter, Header, Response
from pydantic import BaseModel, Field

from api.caller import Participant
from api.common import IdempotencyKey, ThreadId, Turns
from api.context import Context
from api.live.reading import Place
from api.live.sse import resumed, stream_of, watched
from api.problem import ApiProblem
from api.turns import check_words, made_id, own_thread
from data_layer.conversations import threads

router = APIRouter(tags=["Live"])

LastEventId = Annotated[
    str | None,
    Header(alias="Last-Event-ID", max_length=4_000, description="The id of the last event that was read."),
]
STREAM: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/event-stream": {}}, "description": "Events: api/live/events.py."}
}


class ChatMessage(BaseModel):
    """What a participant says, and where."""

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
    """Say something, and follow its answer; with `Last-Event-ID` one that was cut, from where it was."""
    place = _place(last_event_id)
    if place is not None and place.message_id:
        row = await threads.step_row(context.record.database, place.message_id)
        thread_id = row["thread_id"] if row is not None else said.thread_id or ""
        await own_thread(context, who, thread_id)
        return resumed(context, who, thread_id, place)
    check_words(said.message)
    if said.thread_id is not None:
        await own_thread(context, who, said.thread_id)
    if said.agent is not None and context.agents.get(said.agent) is None:
        raise ApiProblem(
            422, "no_such_agent", "No agent has this name: GET /study lists them.", field="body.agent"
        )
    thread_id = said.thread_id or made_id(who.participant_id, "chat", key)
    return await stream_of(turns, context, who, thread_id, said.message, key, agent=said.agent)


@router.get(
    "/threads/{thread_id}/stream", response_class=Response, responses=STREAM, summary="Follow a thread"
)
async def follow(
    thread_id: ThreadId, who: Participant, context: Context, last_event_id: LastEventId = None
) -> Response:
    """Follow all that happens in a thread, by whichever door; an EventSource resumes by itself."""
    await own_thread(context, who, thread_id)
    return watched(context, who, thread_id, _place(last_event_id))


def _place(last_event_id: str | None) -> Place | None:
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
