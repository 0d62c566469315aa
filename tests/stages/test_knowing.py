"""What an intent is told of others, as the prompts in the record say it: the exact messages of each call."""

import json
from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

import pytest

from agent.context import ReplyContext, Utterance
from agent.events import Event, IntentBegan, IntentEnded, IntentUpdated
from agent.model_intents import ModelIntent
from agent.openai_compatible import OpenAIAgent
from agent.tools.declare import tool
from data_layer.record import Record
from stages.chat.knowing import Knows
from stages.chat.stage import ChatStage
from tests.agent.tools.calling import toolbox_of
from tests.agent.tools.model_calls import call, calling, make
from tests.data_layer.rows import rows
from tests.fake_openai import FakeOpenAI
from tests.fakes import FakeAgents
from tests.stages.talk import LIMIT, Talk

SECRET: Final = "zebra"  # said and found out in the first intent alone


class Clerk:
    """A model behind a counter: "order" and "ask" begin an intent, "done" completes it."""

    name = "Clerk"
    kind = "fake"
    keeps_intents = True
    unavailable_because: str | None = None

    def __init__(self, model: OpenAIAgent) -> None:
        self._model = model
        self.contexts: list[ReplyContext] = []

    async def reply(self, turns: Sequence[Utterance], context: ReplyContext) -> AsyncIterator[Event]:
        """Move the intent by the last words, and let the model answer."""
        self.contexts.append(context)
        words = turns[-1].content.split()
        if words[0] in ("order", "ask"):
            yield IntentBegan(words[0], words[0].title())
            yield IntentUpdated({"what": words[1:]})
        async for event in self._model.reply(turns, context):
            yield event
        if words[0] == "done":
            yield IntentEnded("completed", "agent")

    async def close(self) -> None:
        """Close the model's connections."""
        await self._model.close()


@pytest.fixture
async def clerk(fake_openai: FakeOpenAI) -> AsyncIterator[Clerk]:
    """One over the real client."""
    clerk = Clerk(
        OpenAIAgent(name="Model", model="m", prompt="Be kind.", api_key="sk-none", base_url=fake_openai.url)
    )
    yield clerk
    await clerk.close()


async def asked(record: Record, clerk: Clerk, knows: Knows) -> list[list[dict[str, Any]]]:
    """Two intents, one after the other, and what the model was sent at each turn, by the record."""
    talk = Talk(ChatStage(record, FakeAgents(clerk), message_length=LIMIT, knows=knows), record)
    for said in (f"order {SECRET}", "large please", "done", "hello again", "ask hours", "tomorrow"):
        await talk.say(said)
    await talk.stage.close()
    await record.writer.flush()
    prompts = {row["prompt_hash"]: json.loads(row["messages"]) for row in await rows(record, "prompts")}
    return [prompts[row["prompt_hash"]] for row in await rows(record, "llm_calls")]


def said_in(prompt: list[dict[str, Any]]) -> list[str]:
    """What the participant had said, by a prompt."""
    return [message["content"] for message in prompt if message["role"] == "user"]


async def test_nothing_leaks_from_one_intent_to_the_next(record: Record, clerk: Clerk) -> None:
    """Knowing nothing, a model is sent the present intent's words alone; the prompt store proves it."""
    prompts = await asked(record, clerk, "nothing")
    assert said_in(prompts[2]) == [f"order {SECRET}", "large please", "done"]
    assert said_in(prompts[4]) == ["hello again", "ask hours"]
    assert said_in(prompts[5]) == ["ask hours", "tomorrow"]
    assert not any(SECRET in json.dumps(prompt) for prompt in prompts[3:])


async def test_a_summary_is_a_line_an_intent(record: Record, clerk: Clerk) -> None:
    """Names, states and parameters of former intents stand in the instructions, their words nowhere."""
    prompts = await asked(record, clerk, "summary")
    line = f'Order (order): completed, {{"what": ["{SECRET}"]}}'
    assert prompts[3][0] == {
        "role": "system",
        "content": f"Be kind.\n\nEarlier in this conversation, and over:\n{line}",
    }
    assert said_in(prompts[5]) == ["ask hours", "tomorrow"]
    assert prompts[0][0]["content"] == "Be kind."


async def test_all_is_all(record: Record, clerk: Clerk) -> None:
    """Knowing all, a model is sent the whole conversation."""
    prompts = await asked(record, clerk, "all")
    assert said_in(prompts[5]) == [
        f"order {SECRET}",
        "large please",
        "done",
        "hello again",
        "ask hours",
        "tomorrow",
    ]


@pytest.mark.parametrize("knows", ["nothing", "summary", "all"])
async def test_parameters_of_one_never_fill_anothers(record: Record, clerk: Clerk, knows: Knows) -> None:
    """The intent under way has its own parameters, whatever its agent may know of others."""
    await asked(record, clerk, knows)
    context = clerk.contexts[-1]
    assert context.intent is not None
    assert (context.intent.name, context.intent.parameters) == ("ask", {"what": ["hours"]})
    [former] = context.former
    assert former.parameters == ({} if knows == "nothing" else {"what": [SECRET]})
    assert former.state == {}


async def test_each_call_names_its_intent(record: Record, clerk: Clerk) -> None:
    """A prompt can be joined to the intent that it was sent for."""
    await asked(record, clerk, "nothing")
    names = {row["intent_id"]: row["name"] for row in await rows(record, "intents")}
    of = [names.get(row["intent_id"]) for row in await rows(record, "llm_calls")]
    assert of == ["order", "order", "order", None, "ask", "ask"]


@pytest.mark.parametrize(
    ("knows", "roles", "is_told"),
    [("nothing", "uct", False), ("summary", "suct", True), ("all", "uctauct", True)],
)
async def test_calls_are_known_as_words_are(
    record: Record, fake_openai: FakeOpenAI, knows: Knows, roles: str, is_told: bool
) -> None:
    """Of a former intent's calls a model is sent what the study lets it know of that intent, and no more."""

    @tool(completes=True)
    def order(drink: str) -> str:
        """Order a drink."""
        return drink

    begun_by = {"order": ModelIntent("order", "Order")}
    agent = make(fake_openai, toolbox_of(order), begun_by=begun_by)
    talk = Talk(ChatStage(record, FakeAgents(agent), message_length=LIMIT, knows=knows), record)
    for drink in (SECRET, "tea"):
        fake_openai.next(body=calling(call(0, "order", json.dumps({"drink": drink}))))
        await talk.say("One, please.")
    await talk.leave()
    await talk.stage.close()
    await agent.close()
    sent = fake_openai.requests[-1].body["messages"]
    assert len(fake_openai.requests) == 4
    assert (SECRET in json.dumps(sent)) == is_told
    assert "".join("c" if "tool_calls" in one else one["role"][0] for one in sent) == roles
