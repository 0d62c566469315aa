"""The protocol between a chat and whoever answers in it.

An agent gets the turns so far and yields events. It knows nothing of pages, databases or
Chainlit: the chat stage shows and keeps what it yields.

Order of events in one reply:
`(StepStarted StepEnded | CallStarted (ThinkingDelta | TextDelta)* CallEnded | TextDelta | FormAsked)* Done`,
with one FormAsked at most.
Events of intents may stand anywhere before Done.
Thinking that is followed by text, or by the end of its call, is one stretch; a reply may have several.
An agent that cannot go on raises AgentError, after the CallEnded (with `error_type`) of the call
that failed; one that can ask otherwise goes on with another call. Cancellation (the participant
pressed Stop) may reach it at any await.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, Protocol, TypeAlias

from agent.tools.keeping import ToolKeeping
from study.forms import Form

Json: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that a participant has attached to a message.

    Args:
        name: As the participant reads it.
        mime: By its content: image/png, image/jpeg, image/gif, image/webp, application/pdf, text/plain.
        sha256: Of its content.
        path: Where it lies; None when it is gone.
    """

    name: str
    mime: str
    sha256: str
    path: Path | None


@dataclass(frozen=True, slots=True)
class Utterance:
    """One thing said, as the agent sees it: the history is a sequence of these, oldest first.

    Its content may be empty when something is attached.

    Args:
        role: Who said it.
        content: Its words; of a form that was sent, its answers in words.
        attachments: What was attached.
        answers: What was answered, by item, where it is a form that was sent.
        form_id: Which form of the study, or of the agent, that was.
        at: When it was said, where that is known.
        intent_id: The intent that it belongs to, if any.
    """

    role: Literal["user", "assistant"]
    content: str
    attachments: tuple[Attachment, ...] = ()
    answers: Mapping[str, Any] | None = None
    form_id: str | None = None
    at: datetime | None = field(default=None, compare=False)
    intent_id: str | None = None


@dataclass(frozen=True, slots=True)
class IntentView:
    """An intent of the thread, as its record says.

    Args:
        intent_id: A UUID.
        name: As the study names it.
        title: As the participant reads it.
        status: "active", "completed" or "abandoned".
        parameters: Of the one that is under way; of a former one only where the study lets others know them.
        state: What the agent wants to remember of it; of the one that is under way alone.
        cause: Of its last move.
    """

    intent_id: str
    name: str
    title: str
    status: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    state: Mapping[str, Any] = field(default_factory=dict)
    cause: str = ""


@dataclass(frozen=True, slots=True)
class KeptCall:
    """A tool's call in an earlier turn, as the record has it.

    Args:
        name: The tool.
        arguments: JSON, as it was sent.
        output: JSON, as it came.
        is_error: Whether it failed.
        intent_id: The intent that it belongs to, if any.
    """

    name: str
    arguments: str
    output: str
    is_error: bool = False
    intent_id: str | None = None


@dataclass(frozen=True, slots=True)
class ReplyContext:
    """What an agent may know of where it speaks.

    Args:
        thread_id: The thread, a UUID.
        run_id: The run that this reply belongs to, a UUID.
        participant_id: Whom it speaks with: a pseudonym.
        message_id: The participant's message that it answers.
        decision: That message as it now reads: the same when it is answered once more.
        keeping: Where tools keep what they need; None where nothing is kept.
        intent: The intent that is under way; for agents that keep intents, as are the next two.
        former: Earlier ones of the thread, oldest first.
        summary: What the study lets a new intent know of them, in words; empty for nothing.
        kept_calls: Reads what tools were called with in earlier turns, and answered; only who asks pays
            for it.
    """

    thread_id: str
    run_id: str
    participant_id: str = ""
    message_id: str = ""
    decision: str = ""
    keeping: ToolKeeping | None = None
    intent: IntentView | None = None
    former: tuple[IntentView, ...] = ()
    summary: str = ""
    kept_calls: Callable[[], Awaitable[Sequence[KeptCall]]] | None = None


@dataclass(frozen=True, slots=True)
class TextDelta:
    """More of the reply's text, to be shown as it comes."""

    text: str


@dataclass(frozen=True, slots=True)
class ThinkingDelta:
    """More of what a model wrote for itself before or between its words: no part of the reply.

    It is kept, is shown only where the study says so, and never goes back to a model.
    """

    text: str


@dataclass(frozen=True, slots=True)
class StepStarted:
    """A piece of visible work begins.

    Args:
        key: Names the step within this reply; StepEnded repeats it.
        name: What the participant reads, such as a tool's name.
        type: One of StepType's non-message values, mostly "tool".
        input: What went in, as text (JSON for tools); kept byte for byte.
    """

    key: str
    name: str
    type: str = "tool"
    input: str = ""


@dataclass(frozen=True, slots=True)
class StepEnded:
    """A piece of visible work is over."""

    key: str
    output: str = ""
    is_error: bool = False


@dataclass(frozen=True, slots=True)
class FormAsked:
    """The agent asks with a form under its words, one a reply; buttons are a form of one choice.

    Args:
        form: What is asked.
        key: Names it within this reply.
    """

    form: Form
    key: str = ""


@dataclass(frozen=True, slots=True)
class IntentBegan:
    """From here on messages and steps are of a new intent, and so is the message that is answered.

    One that is under way meanwhile is abandoned.

    Args:
        name: As the study names it.
        title: As the participant reads it: "Order a drink".
        score: How sure the agent is, from 0 to 1.
    """

    name: str
    title: str
    score: float | None = None


@dataclass(frozen=True, slots=True)
class IntentUpdated:
    """What is known of the intent that is under way.

    Args:
        parameters: All of them as they now stand; JSON.
        state: What the agent wants to be given again at the next turn; JSON.
    """

    parameters: Mapping[str, Any]
    state: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class IntentContinued:
    """An intent that was abandoned is under way again.

    Args:
        intent_id: One of `ReplyContext.former`.
    """

    intent_id: str


@dataclass(frozen=True, slots=True)
class IntentEnded:
    """The intent that is under way has ended; what is still said in this reply belongs to it.

    Args:
        state: How.
        cause: Why: "tool", "agent", "cancelled", ...
    """

    state: Literal["completed", "abandoned"]
    cause: str


@dataclass(frozen=True, slots=True)
class CallStarted:
    """A model is about to be asked.

    Args:
        provider: `gen_ai.provider.name`, such as "openai".
        model: The requested model.
        messages: The exact messages that are sent, system prompt included, in the API's shape; for the
            bytes of a picture stands "sha256:" and the digest of its file.
        parameters: Everything else that is sent: temperature, max_tokens, seed, ...
    """

    provider: str
    model: str
    messages: Sequence[Json]
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens, in OpenAI's sense; None where the provider did not say."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    cached_tokens: int | None = None
    reasoning_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class CallEnded:
    """The model answered, or failed to.

    Args:
        usage: Token counts.
        response_model: The model that the provider says it served.
        response_id: The provider's id of the answer.
        finish_reason: "stop", "length", ...; None when the stream ended without one.
        system_fingerprint: The provider's name of its backend configuration.
        attempts: HTTP requests made, the client's own retries included; at least 1.
        error_type: Set when the call failed: the provider's code, or the exception's name.
        error_message: What the provider or client said of it.
        details: What else was said that no column holds, such as a number of tokens that is none; JSON.
    """

    usage: Usage = field(default_factory=Usage)
    response_model: str | None = None
    response_id: str | None = None
    finish_reason: str | None = None
    system_fingerprint: str | None = None
    attempts: int = 1
    error_type: str | None = None
    error_message: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Done:
    """The reply is whole."""


Event: TypeAlias = (
    TextDelta
    | ThinkingDelta
    | StepStarted
    | StepEnded
    | FormAsked
    | IntentBegan
    | IntentUpdated
    | IntentContinued
    | IntentEnded
    | CallStarted
    | CallEnded
    | Done
)


class Agent(Protocol):
    """Who answers.

    `name` is what the participant reads and what the record keeps; `kind` is its kind in
    study.yaml; `unavailable_because` says why it cannot answer as things are (no key, no file).
    One that has `keeps_intents = True` as well is told of its thread's intents (ReplyContext).
    """

    name: str
    kind: str

    @property
    def unavailable_because(self) -> str | None:
        """Why this agent cannot answer, with the repair; None when it can."""

    def reply(self, turns: Sequence[Utterance], context: ReplyContext) -> AsyncIterator[Event]:
        """Answer the last utterance.

        Args:
            turns: The conversation so far, oldest first; the last one is the participant's.
            context: Where the reply will stand.

        Returns:
            The events of the reply, in the order that this module's docstring gives.

        Raises:
            AgentError: The agent could not answer, or not to the end.
        """

    async def close(self) -> None:
        """Let go of connections."""


def keeps_intents(agent: Agent) -> bool:
    """Whether an agent wants to know of its thread's intents."""
    return bool(getattr(agent, "keeps_intents", False))
