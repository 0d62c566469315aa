"""The shapes of what is answered, as the schema names them: rows of the record through api/shapes.py."""

from typing import Literal

from pydantic import BaseModel, Field

from study.forms import Form

Answer = str | bool | int | float | list[str]


class BranchPlace(BaseModel):
    """Which of several wordings, or answers, this is."""

    number: int
    of: int


class Rating(BaseModel):
    """What a participant says about a reply."""

    value: Literal[0, 1] = Field(description="1 is good, 0 is bad.")
    reasons: list[str] = Field(default_factory=list, description="Of those that the study offers.")
    comment: str | None = Field(None, description="In their own words.")


class Message(BaseModel):
    """What a participant or an agent said, or the app's own line between them."""

    id: str
    thread_id: str
    role: str = Field(description="user, assistant, or system for the app's own lines.")
    author: str | None = Field(description="The agent's name; null for the participant.")
    content: str
    status: str = Field(description="streaming, complete, stopped, interrupted or failed.")
    cut_off: str | None = Field(None, description="Why a reply breaks off, where it does.")
    fallback_for: str | None = Field(None, description="The agent that could not answer, where another did.")
    turn: int | None
    revision: int = Field(description="Which wording this is; the first is 1.")
    created_at: str | None
    branch: BranchPlace | None = Field(
        None, description="Where there are others to walk to: POST .../branch {number}."
    )
    rating: Rating | None = None
    bookmarked: bool = False


class Step(BaseModel):
    """A step of an agent's visible work: thinking, a tool call, a retrieval."""

    id: str
    thread_id: str
    type: str
    name: str | None
    input: str
    output: str
    status: str = Field(description="streaming, complete, stopped, interrupted or failed.")
    is_error: bool
    turn: int | None
    parent_id: str | None
    started_at: str | None
    ended_at: str | None


class File(BaseModel):
    """A file that stands with a message; GET /files/{id} has what is in it."""

    id: str
    message_id: str | None
    name: str
    mime: str | None
    size_bytes: int | None


class FormInThread(BaseModel):
    """A form under a reply."""

    id: str
    message_id: str = Field(description="The reply that it stands under.")
    state: str = Field(description="open, answered or left.")
    definition: Form = Field(description="What is asked, in the participant's language and order.")
    answers: dict[str, Answer] | None = Field(description="By item, once it is answered.")


class Intent(BaseModel):
    """One thing that the participant wants done, where an agent keeps intents."""

    id: str
    title: str
    state: str = Field(description="active, completed or abandoned.")
    from_message_id: str | None = Field(description="The message that it began with.")
    to_message_id: str | None = Field(description="The last message before it ended.")
    offered: bool = Field(description="Whether they are asked to go on: POST .../intents/{id} {go_on}.")


class LeftToUse(BaseModel):
    """What a participant may still use; null is without a limit."""

    messages: int | None
    seconds: float | None
    nearly: bool = Field(description="Whether the end is near by what answers take.")
    over: Literal["thread", "participant"] | None = Field(
        description="Of what the end is reached: of the thread, or of all of them."
    )
    least: int = Field(description="How many more messages the study asks for.")


class MessageList(BaseModel):
    """Messages in a row, oldest first, and what stands beside them."""

    messages: list[Message]
    steps: list[Step] = Field(description="What agents did beside their words.")
    forms: list[FormInThread]
    files: list[File]
    more: bool = Field(description="Whether there are more in the direction that was asked for.")


class AnsweredTurn(BaseModel):
    """A turn: what was said, and all that answered it."""

    message: Message
    replies: list[Message]
    steps: list[Step]
    forms: list[FormInThread]
    files: list[File]
