"""What an agent yields, piece by piece; the chat stage shows and keeps it.

Order of events in one reply:
`(StepStarted StepEnded | CallStarted (ThinkingDelta | TextDelta)* CallEnded | TextDelta | FormAsked)* Done`,
with one FormAsked at most.
Events of intents may stand anywhere before Done.
Thinking that is followed by text, or by the end of its call, is one stretch; a reply may have several.
An agent that cannot go on raises AgentError, after the CallEnded (with `error_type`) of the call
that failed; one that can ask otherwise goes on with another call. Cancellation (the participant
pressed Stop) may reach it at any await.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from study.forms import Form

Json: TypeAlias = dict[str, Any]


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
