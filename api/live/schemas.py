"""Events, and what a socket takes, in openapi.json: OpenAPI has no words of its own for either."""

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, Field, TypeAdapter

from api.live.commands import MESSAGES
from api.live.events import DoneEvent, ErrorEvent, PongEvent, StatusEvent, ThinkingEvent, TokenEvent
from api.models import Message

_REF: Final = "#/components/schemas/{model}"


class Component(BaseModel):
    """What stands in a thread beside words that grow, as it now stands."""

    event: Literal["component"]
    thread_id: str


class MessageComponent(Component):
    """A message as it now stands."""

    kind: Literal["message"]
    data: Message


class StepData(BaseModel):
    """A step of an agent's visible work."""

    id: str
    thread_id: str
    type: str
    name: str | None
    input: str
    output: str
    status: str
    is_error: bool
    turn: int | None
    parent_id: str | None
    started_at: str | None
    ended_at: str | None


class StepComponent(Component):
    """A step as it now stands."""

    kind: Literal["step"]
    data: StepData


class FormData(BaseModel):
    """A form under a reply."""

    id: str
    message_id: str
    state: str
    definition: dict[str, Any]
    answers: dict[str, Any] | None


class FormComponent(Component):
    """A form as it now stands."""

    kind: Literal["form"]
    data: FormData


class FormRefusedData(BaseModel):
    """A form that was not kept."""

    id: str
    errors: dict[str, dict[str, Any]] = Field(description="What is wrong, by item.")


class FormRefusedComponent(Component):
    """To who sent a form: it was not kept."""

    kind: Literal["form_refused"]
    data: FormRefusedData


class FileData(BaseModel):
    """A file that stands with a message."""

    id: str
    message_id: str | None
    name: str
    mime: str | None
    size_bytes: int | None


class FileComponent(Component):
    """A file."""

    kind: Literal["file"]
    data: FileData


class RemovedData(BaseModel):
    """What left the screen."""

    ids: list[str]
    all: bool = Field(False, description="More has changed than is told: read the thread anew.")


class RemovedComponent(Component):
    """Messages and steps that do not stand any more."""

    kind: Literal["removed"]
    data: RemovedData


class StandingData(BaseModel):
    """What stands."""

    after_id: str | None = Field(description="Behind this message; null for the whole thread.")
    ids: list[str] = Field(description="All messages and steps that stand there: no other does.")


class StandingComponent(Component):
    """To who comes back: what of it stands still."""

    kind: Literal["standing"]
    data: StandingData


class MarksComponent(Component):
    """Branches, ratings and bookmarks, by message or answer."""

    kind: Literal["marks"]
    data: dict[str, dict[str, Any]]


class IntentData(BaseModel):
    """One thing that the participant wants done."""

    id: str
    title: str | None
    state: str
    from_message_id: str | None
    to_message_id: str | None
    offered: Any


class IntentsData(BaseModel):
    """All of a thread."""

    intents: list[IntentData]


class IntentsComponent(Component):
    """Intents as they now stand."""

    kind: Literal["intents"]
    data: IntentsData


class LeftData(BaseModel):
    """What a participant may still use."""

    messages: int | None
    seconds: float | None
    nearly: bool
    over: str | None
    least: int


class LeftComponent(Component):
    """How much may still be used."""

    kind: Literal["left"]
    data: LeftData


AnyComponent = Annotated[
    MessageComponent
    | StepComponent
    | FormComponent
    | FormRefusedComponent
    | FileComponent
    | RemovedComponent
    | StandingComponent
    | MarksComponent
    | IntentsComponent
    | LeftComponent,
    Field(discriminator="kind"),
]
AnyEvent = Annotated[
    StatusEvent | ThinkingEvent | TokenEvent | AnyComponent | ErrorEvent | DoneEvent | PongEvent,
    Field(discriminator="event"),
]
EVENTS: Final[TypeAdapter[AnyEvent]] = TypeAdapter(AnyEvent)
# One of a stream's events, as FastAPI and OpenAPI 3.2 describe them: `itemSchema`.
TOLD_EVENT: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "id": {"type": "string"},
        "event": {"type": "string"},
        "retry": {"type": "integer"},
        "data": {
            "type": "string",
            "contentMediaType": "application/json",
            "contentSchema": {"$ref": _REF.format(model="LiveEvent")},
        },
    },
    "required": ["event", "data"],
}
_STREAM_TOLD: Final = (
    "Server-sent events; the data of each is JSON, one of LiveEvent's shapes, and its id goes into "
    "Last-Event-ID."
)
# Of a route that always streams, and of one that does where `Accept: text/event-stream` asks for it.
STREAM: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {"text/event-stream": {"itemSchema": TOLD_EVENT}}, "description": _STREAM_TOLD}
}
ALSO_STREAM: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "content": {"text/event-stream": {"itemSchema": TOLD_EVENT}},
        "description": f"The answer, whole; with `Accept: text/event-stream`: {_STREAM_TOLD}",
    }
}


def add_live_schemas(schema: dict[str, Any]) -> dict[str, Any]:
    """Add them to an OpenAPI document; done twice, it changes nothing.

    Args:
        schema: As FastAPI makes it; changed.
    """
    roots, made = TypeAdapter.json_schemas(
        [("LiveEvent", "validation", EVENTS), ("SocketMessage", "validation", MESSAGES)], ref_template=_REF
    )
    parts = schema.setdefault("components", {}).setdefault("schemas", {})
    for name, part in made.get("$defs", {}).items():
        parts.setdefault(name, part)
    for (name, _), root in roots.items():
        parts[name] = {"title": name, **root}
    schema["x-websockets"] = {
        "/ws/chat/{thread_id}": {
            "summary": "Hold a conversation",
            "description": "A token in the header Authorization, the page's cookie, or first an "
            "AuthenticateMessage. `last_event_id` in the query, or in that message, goes on from there.",
            "takes": {"$ref": _REF.format(model="SocketMessage")},
            "tells": {
                "allOf": [
                    {"$ref": _REF.format(model="LiveEvent")},
                    {"type": "object", "properties": {"id": {"type": "string"}}},
                ]
            },
        }
    }
    return schema
