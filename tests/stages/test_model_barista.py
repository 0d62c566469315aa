"""The coffee shop's other barista: a model that orders, changes and finishes with the shop's real tools."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest

from agent.registry import ModelConnection, build_agents
from data_layer.record import Record
from exports import load
from stages.chat.stage import ChatStage
from study.loader import load_study
from tests.agent.tools.model_calls import call, calling
from tests.data_layer.rows import one, rows
from tests.exports.conftest import export_to
from tests.exports.proving import verify_export
from tests.fake_openai import FakeOpenAI
from tests.fakes import FakeAgents, HandClock
from tests.stages.talk import LIMIT, Talk

COFFEE: Final = Path(__file__).resolve().parents[2] / "studies" / "coffee"
OAT: Final = {"attribute_id": "milk-options", "option": "Oat Milk"}
TO_GO: Final = {"attribute_id": "order-type", "option": "To go"}
# What the model does: turns, and in each its rounds; in the end of each turn it speaks.
PLAY: Final[list[tuple[str, list[list[tuple[str, dict[str, Any]]]], str]]] = [
    (
        "A latte with oat milk and a cortado, please.",
        [
            [("get_menu_items", {"query": "latte"}), ("get_menu_items", {"query": "cortado"})],
            [("get_addons", {"query": "Oat Milk", "menu_item_id": "latte"})],
            [
                ("add_order_item", {"menu_item_id": "latte", "attributes": [OAT]}),
                ("add_order_item", {"menu_item_id": "cortado", "order_id": "1"}),
            ],
            [("get_order_details", {"order_id": "1"})],
        ],
        "A latte with oat milk and a cortado, for here. Is that right?",
    ),
    (
        "Two of the lattes, no cortado, and to go.",
        [
            [
                *(
                    (
                        "update_order_item",
                        {"order_id": "1", "order_item_id": "1", "quantity": 2, "attributes": [OAT]},
                    ),
                    ("update_order_item", {"order_id": "1", "order_item_id": "2", "quantity": 0}),
                ),
                ("update_order", {"order_id": "1", "attributes": [TO_GO]}),
            ],
            [("get_order_details", {"order_id": "1"})],
        ],
        "Two lattes with oat milk, to go. Is that right?",
    ),
    ("Yes.", [[("finish_order", {"order_id": "1"})]], "Thank you, it will be ready soon."),
]


@pytest.fixture
async def talk(record: Record, clock: HandClock, fake_openai: FakeOpenAI) -> AsyncIterator[Talk]:
    """A participant who has played all of it."""
    clock.moment = datetime.now(UTC)  # a snapshot's time is the real one
    connection = ModelConnection(api_key="k", base_url=fake_openai.url, default_model="m")
    agents = build_agents(load_study(COFFEE), connection)
    barista = agents.get("Model barista")
    assert barista is not None
    stage = ChatStage(record, FakeAgents(barista), message_length=LIMIT)
    talk = Talk(stage, record, (await record.enter("Ada", "ada")).participant_id)
    for said, rounds, answer in PLAY:
        for calls in rounds:
            bodies = [call(place, name, json.dumps(given)) for place, (name, given) in enumerate(calls)]
            fake_openai.next(body=calling(*bodies))
        fake_openai.next(text=answer)
        await talk.say(said)
    await record.writer.flush()
    yield talk
    await talk.leave()
    await stage.close()
    await agents.close()


async def test_the_order_stands_in_the_database(talk: Talk) -> None:
    """As it was said last, and finished."""
    kept = await one(talk.record, "tool_records", thread_id=talk.thread_id)
    (order,) = kept["value"].values()
    (item,) = order["items"].values()
    assert (item["menu_item_id"], item["quantity"], item["attributes"]) == ("latte", 2, [OAT])
    assert (order["attributes"], order["finished"]) == ({"order-type": "To go"}, True)


async def test_every_call_is_a_step_and_its_decision_is_taken_once(talk: Talk) -> None:
    """In the order in which the model wanted them, and none has failed."""
    steps = sorted(await rows(talk.record, "steps", type="tool"), key=lambda row: row["seq"])
    wanted = [(name, given) for _, rounds, _ in PLAY for calls in rounds for name, given in calls]
    assert [(step["name"], json.loads(step["input"])) for step in steps] == wanted
    assert not any(step["is_error"] for step in steps)
    acting = [name for name, _ in wanted if name.startswith(("add", "update", "finish"))]
    decisions = await rows(talk.record, "tool_decisions")
    taken = sorted(row["tool"] for row in decisions if row["tool"] in acting)
    assert taken == sorted(acting)
    assert {row["state"] for row in decisions} == {"ended"}


async def test_the_model_knows_in_later_turns_what_it_changes(talk: Talk, fake_openai: FakeOpenAI) -> None:
    """The ids that its second turn uses stand in what it is sent, though the words name none."""
    second = next(
        request.body["messages"]
        for request in fake_openai.requests
        if request.body["messages"][-1]["content"] == PLAY[1][0]
    )
    results = [json.loads(message["content"]) for message in second if message["role"] == "tool"]
    assert results[-3:-1] == [
        {"order_id": "1", "order_item_id": "1"},
        {"order_id": "1", "order_item_id": "2"},
    ]
    rounds = [len(message["tool_calls"]) for message in second if "tool_calls" in message]
    assert rounds == [len(calls) for calls in PLAY[0][1]]


async def test_its_order_is_an_intent(talk: Talk, fake_openai: FakeOpenAI) -> None:
    """Begun by the first drink, completed by the tool; the next order is another and knows nothing of it."""
    fake_openai.next(body=calling(call(0, "add_order_item", '{"menu_item_id": "mocha"}')))
    await talk.say("And now a mocha, please.")
    await talk.record.writer.flush()
    intents = sorted(await rows(talk.record, "intents"), key=lambda row: row["seq"])
    assert [(row["name"], row["state"], row["cause"]) for row in intents] == [
        ("order", "completed", "tool"),
        ("order", "active", "agent"),
    ]
    assert "mocha" not in json.dumps(intents[0]["parameters"])
    assert intents[1]["parameters"] == {"add_order_item": {"menu_item_id": "mocha"}}
    messages = [row for row in await talk.steps() if row["type"] in ("user_message", "assistant_message")]
    assert [row["intent_id"] for row in messages] == [intents[0]["intent_id"]] * 6 + [
        intents[1]["intent_id"]
    ] * 2
    roles = [message["role"] for message in fake_openai.requests[-2].body["messages"]]
    assert roles == ["system", "user"]


async def test_the_export_has_all_of_it(talk: Talk, tmp_path: Path) -> None:
    """Words, steps, and each round with its prompt; and it is proved."""
    out = tmp_path / "out"
    await asyncio.to_thread(export_to, talk.record.database.url, out)
    tables = load(out)
    answers = tables["messages"][tables["messages"]["role"] == "assistant"]
    assert list(answers["content"]) == [answer for _, _, answer in PLAY]
    tools = tables["steps"][tables["steps"]["type"] == "tool"]
    assert list(tools["name"]) == [name for _, rounds, _ in PLAY for calls in rounds for name, _ in calls]
    assert len(tables["llm_calls"]) == sum(len(rounds) + 1 for _, rounds, _ in PLAY)
    assert set(tables["llm_calls"]["prompt_hash"]) <= set(tables["prompts"]["prompt_hash"])
    assert await asyncio.to_thread(verify_export, out, talk.record.database.url) == []
