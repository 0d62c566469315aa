"""How a line of the table is written, and what servers' chunks are made of."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from tests.openai_behaviour import PAUSE, Behaviour

USAGE: Final = {"prompt_tokens": 3, "completion_tokens": 2}
COUNTED: Final = {"gen_ai_usage_input_tokens": 3, "gen_ai_usage_output_tokens": 2}


@dataclass(frozen=True)
class Case:
    """A behaviour, and what is to come of it.

    Args:
        name: Who does it, or what.
        behaviour: What is sent.
        text: The reply that the participant reads; "" for none.
        thinking: What is kept of the model's thinking.
        error_type: Of the call and its run; None when the answer is whole.
        finish_reason: As kept.
        details: As kept; None for none.
        row: Further columns of the call.
        says: Words that its error_message holds.
        timeout_s: The agent's patience.
        calls: How many calls the turn makes.
    """

    name: str
    behaviour: Behaviour
    text: str = "Hello."
    thinking: str = ""
    error_type: str | None = None
    finish_reason: str | None = "stop"
    details: Mapping[str, Any] | None = None
    row: Mapping[str, Any] = field(default_factory=dict)
    says: str = ""
    timeout_s: float = 10.0
    calls: int = 1


def event(payload: Any) -> bytes:
    """A server-sent event; of bytes, with these as its data."""
    data = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return b"data: " + data + b"\n\n"


def choice(delta: Any, finish: Any = None, **more: Any) -> bytes:
    """A chunk with one choice."""
    given = {"index": 0, "delta": delta, "finish_reason": finish, **more}
    return event({"id": "c1", "model": "m1", "choices": [given]})


def content(*deltas: Any) -> tuple[bytes, ...]:
    """A chunk for each content."""
    return tuple(choice({"content": one}) for one in deltas)


DONE: Final = event(b"[DONE]")
STOP: Final = choice({}, "stop")
HELLO: Final = content("Hel", "lo.")
# What breaks off comes after the words before it stand on the page.
SHOWN: Final = (*content("Hello."), PAUSE)
END: Final = (STOP, DONE)
JSON: Final = {"content-type": "application/json"}
HTML: Final = {"content-type": "text/html"}
PAGE: Final = (
    b"<!DOCTYPE html><html><head><title>502</title><style>p{}</style></head><body><h1>Bad Gateway</h1>"
    b"<p>upstream&nbsp;away</p></body></html>"
)


def sends(*pieces: bytes, **behaviour: Any) -> Behaviour:
    """An answer of these bytes."""
    return Behaviour(body=pieces, **behaviour)


def counts(usage: Any) -> Behaviour:
    """A whole answer with this usage."""
    return sends(*HELLO, STOP, event({"id": "c1", "model": "m1", "choices": [], "usage": usage}), DONE)
