"""A model's server that is down, as participants meet it: the real client, a real server, the record."""

from collections.abc import AsyncIterator

import pytest

from agent.breaker import Breakers
from agent.openai_compatible import OpenAIAgent
from data_layer.record import Record
from stages.chat.stage import ChatStage
from tests.data_layer.rows import rows
from tests.fake_openai import FakeOpenAI
from tests.fakes import FakeAgents, FakeTime, english
from tests.stages.talk import LIMIT, Talk


class Down:
    """A study of one model, with a fallback that is another model at another server."""

    def __init__(self, record: Record, server: FakeOpenAI, fallback: bool) -> None:
        self.time = FakeTime()
        self.record = record
        breakers = Breakers(2, 30, self.time.monotonic)
        self.models = [
            OpenAIAgent(name=name, model=name.lower(), api_key="k", base_url=server.url, max_retries=0)
            for name in ("Alex", "Robin")
        ]
        alex, robin = (breakers.guard(one, one.name) for one in self.models)
        self.stage = ChatStage(
            record,
            FakeAgents(alex),
            message_length=LIMIT,
            fallbacks={"Alex": robin} if fallback else {},
        )

    def talk(self) -> Talk:
        """The next participant."""
        return Talk(self.stage, self.record)

    async def close(self) -> None:
        """End it."""
        await self.stage.close()
        for model in self.models:
            await model.close()


@pytest.fixture
async def alone(record: Record, fake_openai: FakeOpenAI) -> AsyncIterator[Down]:
    """Nobody steps in."""
    down = Down(record, fake_openai, fallback=False)
    yield down
    await down.close()


@pytest.fixture
async def with_fallback(record: Record, fake_openai: FakeOpenAI) -> AsyncIterator[Down]:
    """Robin does."""
    down = Down(record, fake_openai, fallback=True)
    yield down
    await down.close()


async def test_the_third_is_spared_the_wait(alone: Down, fake_openai: FakeOpenAI) -> None:
    """Two failed; the third reads a sentence at once, and a Retry after the pause is answered."""
    fake_openai.next(status=503, times=2)
    for _ in range(2):
        talk = alone.talk()
        await talk.say("Hello")
        assert talk.screen.texts == [english("chat.agent_failed")]
    third = alone.talk()
    message_id = await third.say("Hello")
    assert third.screen.texts == [english("chat.agent_away")]
    assert len(fake_openai.requests) == 2
    assert [run["error_type"] for run in await third.runs()] == ["circuit_open"]
    assert await rows(alone.record, "llm_calls", thread_id=third.thread_id) == []
    alone.time.now += 30
    await third.retry(message_id)
    assert third.screen.texts == ["All is well here."]


async def test_the_fallback_answers_at_once(with_fallback: Down, fake_openai: FakeOpenAI) -> None:
    """While the first is left alone nobody asks it; its own calls stay beside the fallback's."""
    fake_openai.next(status=500)
    fake_openai.next()
    fake_openai.next(end="cut", after=0)
    for _ in range(3):
        talk = with_fallback.talk()
        await talk.say("Hello")
        assert talk.screen.texts == ["All is well here."]
    models = [request.body["model"] for request in fake_openai.requests]
    assert models == ["alex", "robin", "alex", "robin", "robin"]
    calls = await rows(with_fallback.record, "llm_calls")
    assert sorted((call["gen_ai_request_model"], call["status"]) for call in calls) == [
        ("alex", "failed"),
        ("alex", "failed"),
        ("robin", "complete"),
        ("robin", "complete"),
        ("robin", "complete"),
    ]
    runs = await rows(with_fallback.record, "runs")
    assert sorted((run["agent"], run["status"], run["fallback_for"] or "") for run in runs) == [
        *[("Alex", "failed", "")] * 3,
        *[("Robin", "complete", "Alex")] * 3,
    ]


async def test_a_stream_that_is_cut_after_its_first_words(
    with_fallback: Down, fake_openai: FakeOpenAI
) -> None:
    """They were read, so nobody steps in; the server's failure counts all the same."""
    fake_openai.next(end="cut", after=1, times=2)
    for _ in range(2):
        talk = with_fallback.talk()
        await talk.say("Hello")
        assert talk.screen.texts == ["All ", english("chat.agent_failed")]
    talk = with_fallback.talk()
    await talk.say("Hello")
    assert fake_openai.requests[-1].body["model"] == "robin"
    assert talk.screen.texts == ["All is well here."]
