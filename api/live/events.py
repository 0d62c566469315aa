"""What a program is told while an agent answers.

Each event says what it is about, and can be taken twice without harm: words come with the place at which they
begin, everything else as it now stands.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

State = Literal["kept", "taken", "working", "idle", "said"]
Kind = Literal[
    "message", "step", "form", "form_refused", "file", "removed", "standing", "marks", "intents", "left"
]


class StatusEvent(BaseModel):
    """How a turn goes."""

    event: Literal["status"] = "status"
    thread_id: str
    state: State = Field(
        description="kept: the message stands in the record. working: an agent answers. idle: the "
        "participant may write. said: a passing line for this reader, in `text`. taken: over a socket, "
        "the message with this `ref` was taken, and is about `message_id`."
    )
    message_id: str | None = Field(None, description="The participant's message, once it is kept.")
    text: str | None = Field(None, description="A passing line of the app's own.")
    ref: str | None = Field(None, description="Over a socket: the `ref` of the message that asked for it.")


class ThinkingEvent(BaseModel):
    """An agent's thinking, where the study shows it."""

    event: Literal["thinking"] = "thinking"
    thread_id: str
    message_id: str = Field(description="The step that holds it.")
    turn: int | None = Field(None, description="Which turn of the thread it belongs to.")
    at: int = Field(description="How many characters (code points) stand before these words.")
    text: str


class TokenEvent(BaseModel):
    """Words of a reply."""

    event: Literal["token"] = "token"
    thread_id: str
    message_id: str = Field(description="The reply.")
    turn: int | None = Field(None, description="Which turn of the thread it belongs to.")
    at: int = Field(description="How many characters (code points) stand before these words.")
    text: str


class ComponentEvent(BaseModel):
    """What stands in a thread beside words that grow, as it now stands; `kind` says what `data` is."""

    event: Literal["component"] = "component"
    thread_id: str
    kind: Kind
    data: dict[str, Any]


class ErrorEvent(BaseModel):
    """Something went wrong; the stream goes on, unless its `code` says that it ends."""

    event: Literal["error"] = "error"
    thread_id: str | None = None
    code: str = Field(
        description="no_answer: `message_id` has no answer, and can be answered anew. failed: a turn broke. "
        "signed_out, fell_behind, too_many: the stream ends here. Others as in problem details."
    )
    detail: str = Field(description="A sentence for people.")
    message_id: str | None = Field(None, description="The participant's message that it is about.")
    notice_id: str | None = Field(None, description="The app's line under it that says so in the thread.")
    ref: str | None = Field(None, description="Over a socket: the `ref` of the message that asked for it.")


class DoneEvent(BaseModel):
    """A turn has ended."""

    event: Literal["done"] = "done"
    thread_id: str
    message_id: str | None = Field(description="The participant's message.")
    reply_id: str | None = Field(None, description="The reply, where there is one.")
    status: str | None = Field(None, description="How the reply ended.")
    content: str | None = Field(None, description="The whole of the reply, as it is kept.")


class PongEvent(BaseModel):
    """Over a socket: the server is there."""

    event: Literal["pong"] = "pong"
    thread_id: str
    ref: str | None = Field(None, description="The `ref` of the ping.")


LiveEvent = Annotated[
    StatusEvent | ThinkingEvent | TokenEvent | ComponentEvent | ErrorEvent | DoneEvent | PongEvent,
    Field(discriminator="event"),
]
