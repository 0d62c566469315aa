"""Forms that an agent has asked with, and intents that it keeps: read, and answered."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Path, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from api.caller import Participant
from api.common import IdempotencyKey, Language, ThreadId
from api.context import ApiContext, Context, SignedIn
from api.deeds import Does
from api.live.events import ComponentEvent
from api.messages import said_turn
from api.models import Answer, AnsweredTurn, FormInThread, Intent
from api.once_route import Deed, OnceRoute
from api.own import check_offered, own_thread
from api.problem import ApiProblem, FieldProblem, no_such
from api.shapes import form_shape, intent_shapes
from api.turns import made_id
from data_layer.conversations import intents, threads
from data_layer.conversations.forms import form_mark, form_row
from data_layer.database.rows import Row
from stages.chat.forms import FormSent
from study.strings import Strings
from study.vocabulary import FormState

router = APIRouter(tags=["Forms and intents"], route_class=OnceRoute)

FormId = Annotated[str, Path(max_length=40, description="The form's id.")]
IntentId = Annotated[str, Path(max_length=40, description="The intent's id.")]
# As the page's socket takes them (page/chat/form_guard.py).
_MOST_ITEMS = 400


def _in_utc(moment: datetime) -> datetime:
    """A moment in UTC; one without a zone is one of UTC.

    Raises:
        ValueError: It lies before the first year, or behind the last, once it is in UTC.
    """
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("no calendar has this moment in UTC") from None


Moment = Annotated[datetime, AfterValidator(_in_utc)]


class FormAnswers(BaseModel):
    """What a participant answers in a form."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"values": {"drink": "Coffee", "milk": True, "cups": 2}}]}
    )

    values: dict[str, Answer | None] = Field(
        max_length=_MOST_ITEMS,
        description="By `id` of the items of the form's definition: text, number, yes or no, the `value` of "
        "a chosen option, or a list of them; of files the ids of their uploads. What is not shown, or not "
        "asked for, is left out.",
    )
    touched: dict[str, Moment] = Field(
        default_factory=dict, max_length=_MOST_ITEMS, description="When each item was first touched."
    )
    changes: dict[str, Annotated[int, Field(ge=0)]] = Field(
        default_factory=dict, max_length=_MOST_ITEMS, description="How often each was changed."
    )


class OfferAnswer(BaseModel):
    """Whether a participant goes on with what they had left."""

    go_on: bool


class IntentList(BaseModel):
    """The intents of a thread."""

    intents: list[Intent] = Field(description="The oldest first; empty where the agent keeps none.")


@router.get("/threads/{thread_id}/forms/{form_id}", summary="Read a form")
async def read(thread_id: ThreadId, form_id: FormId, who: Participant, context: Context) -> FormInThread:
    """Read a form as it now stands; half of an answer is kept by nobody but its reader."""
    return FormInThread(**form_shape(form_mark(await _own_form(context, who, thread_id, form_id))))


@router.post("/threads/{thread_id}/forms/{form_id}/answers", status_code=201, summary="Answer a form")
async def answer(
    thread_id: ThreadId,
    form_id: FormId,
    given: FormAnswers,
    who: Participant,
    context: Context,
    does: Does,
    strings: Language,
    response: Response,
    key: IdempotencyKey = None,
) -> AnsweredTurn:
    """Answer a form, once: a message says the answers in words, and the agent goes on."""
    row = await _own_form(context, who, thread_id, form_id)
    message_id = made_id(who.participant_id, f"form {form_id}", key)
    if row["answered_by_message"] == message_id:
        return await said_turn(context, who, thread_id, message_id)
    if row["state"] != FormState.OPEN:
        raise ApiProblem(409, "form_closed", "This form was answered or left already: GET it anew.")
    await does.check_may_speak(thread_id)
    values = {item: value for item, value in given.values.items() if value is not None}
    sent = FormSent(form_id, values, given.touched, given.changes)
    spoken = does.spoken(thread_id, message_id)
    stage = context.stage
    shown = await does.do(spoken, lambda said, screen: stage.answer_form(said, sent, screen))
    refused = next((one for one in shown if one.kind == "form_refused"), None)
    if refused is not None:
        raise _refused(refused, strings)
    response.headers["Location"] = f"../../messages/{message_id}"
    return await said_turn(context, who, thread_id, message_id)


@router.get("/threads/{thread_id}/intents", summary="List intents")
async def listed(thread_id: ThreadId, who: Participant, context: Context) -> IntentList:
    """List what the participant wanted done in a thread, and where each stands."""
    await own_thread(context, who, thread_id)
    found = await intents.shown(context.record.database, thread_id)
    return IntentList(intents=[Intent(**one) for one in intent_shapes(found or [])])


@router.post("/threads/{thread_id}/intents/{intent_id}", summary="Answer an offer")
async def answer_offer(
    thread_id: ThreadId,
    intent_id: IntentId,
    given: OfferAnswer,
    who: Participant,
    context: Context,
    does: Does,
    deed: Deed,
    key: IdempotencyKey = None,
) -> IntentList:
    """Go on with an intent that was left, where its participant is asked; or say that one will not."""
    await own_thread(context, who, thread_id)
    if deed.before is not None:
        return await listed(thread_id, who, context)
    await check_offered(context, thread_id, intent_id)
    stage, spoken = context.stage, does.spoken(thread_id, "")
    await does.do(
        spoken,
        lambda said, screen: stage.answer_offer(said, intent_id, screen, goes_on=given.go_on),
        about=None,
        speaks=False,
    )
    return await listed(thread_id, who, context)


async def _own_form(context: ApiContext, who: SignedIn, thread_id: str, form_id: str) -> Row:
    """A form under a reply that stands in a thread of theirs."""
    await own_thread(context, who, thread_id)
    row = await form_row(context.record.database, form_id)
    if row is None or row["thread_id"] != thread_id:
        raise no_such("form")
    reply = await threads.step_row(context.record.database, row["message_id"])
    if reply is None or reply["deleted_at"] is not None:
        raise no_such("form")
    return row


def _refused(told: ComponentEvent, strings: Strings) -> ApiProblem:
    """Name each item, and what would be right."""
    errors = [
        FieldProblem(
            field=f"body.values.{item}", detail=strings(f"page.form_{flaw['code']}", **flaw["values"])
        )
        for item, flaw in told.data["errors"].items()
    ]
    if not errors:
        return ApiProblem(409, "form_closed", "This form was answered or left already: GET it anew.")
    problem = ApiProblem(422, "form_refused", "; ".join(f"{one.field}: {one.detail}" for one in errors[:3]))
    problem.errors = errors
    return problem
