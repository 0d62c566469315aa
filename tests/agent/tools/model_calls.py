"""What tests of a model's calls need: streams that call tools, and a talk with them."""

import json
from collections.abc import Sequence
from typing import Any

from agent.context import ReplyContext
from agent.events import CallStarted, Event, StepEnded
from agent.openai_compatible import OpenAIAgent
from agent.tools.keeping import MemoryKeeping
from agent.tools.toolbox import Toolbox
from study.errors import AgentError
from tests.agent.contract import said
from tests.fake_openai import FakeOpenAI
from tests.provider_answers.case import choice, event

DONE = b"data: [DONE]\n\n"


def call(number: int, name: str, arguments: str, call_id: str | None = None) -> dict[str, Any]:
    """A whole call as one delta brings it."""
    function = {"name": name, "arguments": arguments}
    return {"index": number, "id": call_id or f"id{number}", "type": "function", "function": function}


def calling(*calls: dict[str, Any], text: str = "", finish: str | None = "tool_calls") -> tuple[bytes, ...]:
    """An answer that calls tools, one chunk each, and counts its tokens."""
    words = (choice({"content": text}),) if text else ()
    chunks = (choice({"tool_calls": [one]}) for one in calls)
    usage = event({"choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": 2}})
    return (*words, *chunks, choice({}, finish), usage, DONE)


def in_pieces(number: int, name: str, arguments: str) -> list[dict[str, Any]]:
    """A call as OpenAI streams it: its head, then its arguments letter by letter."""
    more = ({"index": number, "function": {"arguments": letter}} for letter in arguments)
    return [call(number, name, ""), *more]


def make(server: FakeOpenAI, toolbox: Toolbox, **options: Any) -> OpenAIAgent:
    """An agent with tools."""
    standard: dict[str, Any] = {"name": "Guide", "model": "m", "api_key": "k", "timeout_s": 5.0}
    return OpenAIAgent(**standard | {"base_url": server.url, "toolbox": toolbox} | options)


async def reply_of(
    agent: OpenAIAgent, keeping: MemoryKeeping | None = None
) -> tuple[list[Event], AgentError | None]:
    """The events of a reply, and how it failed."""
    events: list[Event] = []
    context = ReplyContext("thread", "run", "participant", "message", "message:1", keeping)
    try:
        async for one in agent.reply(said("Two lattes, please."), context):
            events.append(one)
    except AgentError as error:
        return events, error
    finally:
        await agent.close()
    return events, None


def outputs(events: Sequence[Event]) -> list[Any]:
    """What the steps of a reply gave."""
    return [json.loads(one.output) for one in events if isinstance(one, StepEnded)]


def prompts(events: Sequence[Event]) -> list[list[Any]]:
    """The messages of each of its calls to the model, as they are kept."""
    return [list(one.messages) for one in events if isinstance(one, CallStarted)]
