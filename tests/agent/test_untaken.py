"""What a model does not take: asked otherwise where the study's wish is kept, refused where it is not."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from agent.events import CallEnded, CallStarted, Event
from agent.openai_compatible import OpenAIAgent
from agent.untaken import INSTEAD, NAMES, refused_parameter
from study.agent_definitions import Parameters
from study.errors import AgentRefused
from tests.agent.contract import collect, said, text_of
from tests.fake_openai import Behaviour, FakeOpenAI

NEWER = (
    "Unsupported parameter: 'max_tokens' is not supported with this model. "
    "Use 'max_completion_tokens' instead."
)
OLDER = "Unrecognized request argument supplied: max_completion_tokens"
COUNTED = (
    "{'detail': [{'type': 'extra_forbidden', 'loc': ['body', 'stream_options', 'include_usage'], "
    "'msg': 'Extra inputs are not permitted', 'input': True}]}"
)
HOT = (
    "Unsupported value: 'temperature' does not support 0.7 with this model. "
    "Only the default (1) value is supported."
)


@pytest.fixture
async def agents(fake_openai: FakeOpenAI) -> AsyncIterator[Any]:
    """Makes agents with some parameters, and closes them."""
    made: list[OpenAIAgent] = []

    def make(**parameters: Any) -> OpenAIAgent:
        made.append(
            OpenAIAgent(name="A", model="m", api_key="k", base_url=fake_openai.url, parameters=parameters)
        )
        return made[-1]

    yield make
    for agent in made:
        await agent.close()


def ends(events: list[Event]) -> list[CallEnded]:
    """The ends of all calls of a reply."""
    return [event for event in events if isinstance(event, CallEnded)]


@pytest.mark.parametrize(
    ("name", "words", "sent"),
    [
        ("max_tokens", NEWER, {"max_completion_tokens": 5}),
        ("max_completion_tokens", OLDER, {"max_tokens": 5}),
        ("stream_options", COUNTED, {"max_tokens": 5}),
    ],
)
async def test_a_model_is_asked_as_it_wants_from_its_first_refusal_on(
    agents: Any, fake_openai: FakeOpenAI, name: str, words: str, sent: dict[str, int]
) -> None:
    """The first reply asks twice, the next once; both say in their call what became of the parameter."""
    fake_openai.default = Behaviour(refuses={name: words})
    agent = agents(**{name if name != "stream_options" else "max_tokens": 5})
    first, second = await collect(agent, said("Hello.")), await collect(agent, said("Hello."))
    assert (text_of(first), text_of(second)) == (fake_openai.reply_text,) * 2
    assert [
        sorted(request.body.keys() & INSTEAD.keys() - {"stream_options"})
        for request in fake_openai.requests[1:]
    ] == [sorted(sent)] * 2
    assert [end.error_type for end in ends(first)] == ["unsupported_parameter", None]
    assert ends(first)[1].details == ends(second)[0].details == {"not_taken": {name: _became(name)}}


async def test_each_call_says_exactly_what_it_sent(agents: Any, fake_openai: FakeOpenAI) -> None:
    """The record of the call that was refused and of the one that was not are each their own request's."""
    fake_openai.default = Behaviour(refuses={"max_tokens": NEWER, "stream_options": COUNTED})
    events = await collect(agents(max_tokens=5), said("Hello."))
    started = [event for event in events if isinstance(event, CallStarted)]
    assert [{"model": "m", "messages": list(call.messages), **call.parameters} for call in started] == [
        request.body for request in fake_openai.requests
    ]
    assert len(started) == 3


async def test_replies_at_once_learn_it_each_for_itself(agents: Any, fake_openai: FakeOpenAI) -> None:
    """Whoever was refused after another had learned it still asks again, and nobody asks three times."""
    fake_openai.default = Behaviour(refuses={"max_tokens": NEWER})
    agent = agents(max_tokens=5)
    replies = await asyncio.gather(*(collect(agent, said("Hello.")) for _ in range(5)))
    assert [text_of(events) for events in replies] == [fake_openai.reply_text] * 5
    assert max(len(ends(events)) for events in replies) == 2


@pytest.mark.parametrize(
    ("parameters", "refuses"),
    [
        ({"temperature": 0.7}, {"temperature": HOT}),
        ({"max_tokens": 5}, {"max_tokens": NEWER, "max_completion_tokens": OLDER}),
        ({"max_tokens": 5, "max_completion_tokens": 5}, {"max_tokens": NEWER}),
    ],
)
async def test_what_the_study_chose_is_never_left_out(
    agents: Any, fake_openai: FakeOpenAI, parameters: dict[str, Any], refuses: dict[str, str]
) -> None:
    """A model that takes it under no name refuses, and the study has to be mended."""
    fake_openai.default = Behaviour(refuses=refuses)
    with pytest.raises(AgentRefused):
        await collect(agents(**parameters), said("Hello."))
    assert len(fake_openai.requests) <= 2


class Refusal(Exception):
    """As the client raises it."""

    def __init__(self, words: str, *, status_code: int | None = 400, param: str | None = None) -> None:
        super().__init__(words)
        self.status_code, self.param = status_code, param


@pytest.mark.parametrize(
    ("refusal", "name"),
    [
        (Refusal(NEWER), "max_tokens"),
        (Refusal(OLDER), "max_completion_tokens"),
        (Refusal("Unsupported parameter", param="top_p"), "top_p"),
        (Refusal(COUNTED, status_code=422), "stream_options"),
        (Refusal(HOT), "temperature"),
        (Refusal("max_tokens is too large: 9. This model supports at most 4."), None),
        (Refusal(NEWER, status_code=500), None),
        (Refusal(NEWER, status_code=None), None),
        (Refusal("unsupported country"), None),
    ],
)
def test_the_refused_parameter_is_found_in_the_words_of_many_servers(
    refusal: Refusal, name: str | None
) -> None:
    """By OpenAI's `param`, or by its name in what was said; nothing where it is about something else."""
    assert refused_parameter(refusal) == name


def test_each_parameter_of_a_study_is_known() -> None:
    """A key of `parameters` in study.yaml can be found in a refusal."""
    assert set(Parameters.model_fields) <= set(NAMES)


def _became(name: str) -> str:
    return f"sent as {INSTEAD[name]}" if INSTEAD[name] else "left out"
