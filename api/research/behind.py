"""What lay behind a thread: all that ever stood in it, the agent's work, and what happened around it."""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from api.research.shared import AnyThreadId, FromRow, Moment, unknown
from api.research.threads import Part, ResearchMessage, ResearchThread, message_of, piece_asked_for, thread_of
from api.research.visitor import ReadsBehind, Visitor
from data_layer.conversations.threads import step_row
from data_layer.database.ids import is_uuid
from data_layer.database.rows import Row
from data_layer.review.thread import read_call
from study.vocabulary import MESSAGE_TYPES

router = APIRouter(tags=["Researchers: what lay behind"])

_MESSAGES = frozenset(kind.value for kind in MESSAGE_TYPES)


class AnyMessage(ResearchMessage):
    """A message, whether or not it still stands."""

    run_id: str | None
    shown: bool = Field(description="Whether the participant's screen had it.")
    cut_off: str | None
    fallback_for: str | None = Field(description="The agent that could not answer, where another stepped in.")
    deleted_at: Moment | None
    deleted_because: str | None
    branch: str | None = Field(description="With which it left the screen.")


class HiddenStep(FromRow):
    """A step of an agent's work. `input` and `output` are their first 2,000 characters."""

    step_id: str
    run_id: str | None
    parent_id: str | None
    type: str
    name: str
    agent: str | None
    turn: int | None
    input: str
    output: str
    input_length: int | None = None
    output_length: int | None = None
    status: str
    is_error: bool
    shown: bool
    started_at: Moment | None
    ended_at: Moment | None
    deleted_at: Moment | None


class EarlierWording(FromRow):
    """A wording of a message that was changed; the last is the present one."""

    step_id: str
    revision: int
    output: str
    status: str
    created_at: Moment


class ResearchRun(FromRow):
    """An agent's turn at work."""

    run_id: str
    message_id: str | None = Field(description="The participant's message that it answers.")
    message_revision: int | None
    turn: int | None
    agent: str | None
    agent_kind: str | None
    fallback_for: str | None
    status: str
    started_at: Moment
    ended_at: Moment | None
    ttft_ms: float | None
    latency_ms: float | None
    error_type: str | None
    error_message: str | None
    app_version: str | None
    study_fingerprint: str | None
    deleted_at: Moment | None


class ResearchCall(FromRow):
    """A call to a model, without its prompt, which has an address of its own."""

    llm_call_id: str
    run_id: str
    message_id: str | None
    gen_ai_provider_name: str
    gen_ai_operation_name: str
    gen_ai_request_model: str
    gen_ai_response_model: str | None
    gen_ai_usage_input_tokens: int | None
    gen_ai_usage_output_tokens: int | None
    cached_tokens: int | None
    reasoning_tokens: int | None
    request_parameters: Any
    finish_reason: str | None
    attempts: int | None
    cost: float | None
    cost_currency: str | None
    prompt_hash: str
    status: str
    started_at: Moment
    ended_at: Moment | None
    ttft_ms: float | None
    latency_ms: float | None
    error_type: str | None
    error_message: str | None


class ResearchRating(FromRow):
    """What a participant thought of a reply; each change of mind is one."""

    rating_id: str
    revision: int
    message_id: str
    value: int = Field(description="1 good, 0 bad.")
    reasons: list[str] | None
    comment: str | None
    is_current: bool
    created_at: Moment
    deleted_at: Moment | None


class ResearchFile(FromRow):
    """Something attached; its bytes stay in the room."""

    element_id: str
    message_id: str | None
    type: str
    name: str
    mime: str | None
    size_bytes: int | None
    sha256: str | None
    created_at: Moment
    deleted_at: Moment | None


class ResearchEvent(FromRow):
    """Something that happened."""

    event_id: str
    run_id: str | None
    type: str
    target: str | None
    payload: Any
    timestamp: Moment


class ResearchIntent(FromRow):
    """What a participant wanted done."""

    intent_id: str
    message_id: str | None
    agent: str | None
    name: str
    title: str
    score: float | None
    state: str
    cause: str | None
    parameters: Any
    began_at: Moment
    last_activity_at: Moment
    ended_at: Moment | None
    deleted_at: Moment | None


class ResearchIntentMove(FromRow):
    """A move of an intent."""

    move_id: str
    intent_id: str
    run_id: str | None
    message_id: str | None
    move: str
    state: str
    cause: str | None
    timestamp: Moment
    deleted_at: Moment | None


class ResearchForm(FromRow):
    """A form that stood under a reply."""

    form_id: str
    message_id: str
    name: str
    state: str
    left_because: str | None
    definition: Any
    answers: Any
    shown_at: Moment
    closed_at: Moment | None


class PageOpened(FromRow):
    """A page that showed the thread."""

    connection_id: str
    opened_at: Moment
    closed_at: Moment | None
    close_reason: str | None


class ThreadBehind(BaseModel):
    """A thread with all that lay behind, each list in order."""

    thread: ResearchThread
    part: int
    parts: int
    messages: list[AnyMessage]
    steps: list[HiddenStep]
    revisions: list[EarlierWording]
    runs: list[ResearchRun]
    calls: list[ResearchCall]
    ratings: list[ResearchRating]
    files: list[ResearchFile]
    events: list[ResearchEvent]
    intents: list[ResearchIntent]
    moves: list[ResearchIntentMove]
    forms: list[ResearchForm]
    connections: list[PageOpened]


class CallWithPrompt(ResearchCall):
    """A call to a model, and the exact messages that it was sent."""

    thread_id: str
    prompt: Any = Field(description="The messages, as they were sent.")


class WholeStep(HiddenStep):
    """A step with all of its input and output."""

    thread_id: str


@router.get("/research/threads/{thread_id}/behind", summary="Read what lay behind a thread")
async def behind(visitor: ReadsBehind, thread_id: AnyThreadId, part: Part = 1) -> ThreadBehind:
    """Read what the room's page of a thread shows: what left the screen, runs, calls, steps, events."""
    whole, parts = await piece_asked_for(visitor, thread_id, part)
    await visitor.note("thread_behind_read", thread_id)
    messages = [message_of(step) for step in whole.steps if step["type"] in _MESSAGES]
    lists: dict[str, list[Row]] = {
        "messages": messages,
        "steps": [step for step in whole.steps if step["type"] not in _MESSAGES],
        "revisions": whole.revisions,
        "runs": whole.runs,
        "calls": whole.calls,
        "ratings": whole.ratings,
        "files": whole.elements,
        "events": whole.events,
        "intents": whole.intents,
        "moves": whole.moves,
        "forms": whole.forms,
        "connections": whole.connections,
    }
    return ThreadBehind.model_validate({"thread": thread_of(whole), "part": part, "parts": parts} | lists)


@router.get("/research/calls/{llm_call_id}", summary="Read what a model was sent")
async def call(visitor: ReadsBehind, llm_call_id: Annotated[str, Path(max_length=40)]) -> CallWithPrompt:
    """Read a call to a model with the exact messages that it was sent."""
    row = await read_call(visitor.context.record.read_database, llm_call_id)
    found = await _in_reach(visitor, row, "call")
    await visitor.note("prompt_read", found["thread_id"], llm_call_id=llm_call_id)
    prompt = json.loads(found["prompt"]) if found["prompt"] is not None else None
    return CallWithPrompt.model_validate(found | {"prompt": prompt})


@router.get("/research/steps/{step_id}", summary="Read a step of an agent's work")
async def step(visitor: ReadsBehind, step_id: Annotated[str, Path(max_length=40)]) -> WholeStep:
    """Read all that went into a step and came out of it."""
    row = await step_row(visitor.context.record.read_database, step_id) if is_uuid(step_id) else None
    found = await _in_reach(visitor, row, "step")
    await visitor.note("step_read", found["thread_id"], step_id=step_id)
    lengths = {f"{name}_length": len(found[name]) for name in ("input", "output")}
    return WholeStep.model_validate(found | lengths)


async def _in_reach(visitor: Visitor, row: Row | None, what: str) -> Row:
    if row is None or not await visitor.may_read(row["thread_id"]):
        raise unknown(what)
    return row
