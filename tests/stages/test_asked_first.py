"""A tool that asks first, in a conversation: the question is kept, and so is what was said to it."""

import json
from typing import Any

from agent.tools.declare import tool
from data_layer.record import Record
from stages.chat.stage import ChatStage
from tests.agent.tools.calling import toolbox_of
from tests.agent.tools.model_calls import call, calling, make
from tests.data_layer.rows import one, rows
from tests.fake_openai import FakeOpenAI
from tests.fakes import FakeAgents
from tests.stages.talk import LIMIT, Talk


async def test_a_yes_after_a_restart_does_what_was_shown(record: Record, fake_openai: FakeOpenAI) -> None:
    """Another server than the one that asked reads the arguments from the record, and acts once."""
    paid: list[int] = []

    @tool(asks_first=True, question="Shall I pay {amount}?")
    def pay(amount: int) -> dict[str, Any]:
        """Pay."""
        paid.append(amount)
        return {"paid": amount}

    agents = [make(fake_openai, toolbox_of(pay)) for _ in range(2)]

    def opened(number: int) -> ChatStage:
        return ChatStage(record, FakeAgents(agents[number]), message_length=LIMIT)

    fake_openai.next(body=calling(call(0, "pay", '{"amount": 5}')))
    before = Talk(opened(0), record)
    await before.say("Pay 5, please.")
    assert paid == []
    assert before.screen.texts == ["Shall I pay 5?"]
    (form_id,) = before.screen.forms
    after = Talk(opened(1), record, thread_id=before.thread_id)
    message_id = await after.answer(form_id, approved=True)
    await after.answer(form_id, approved=True)
    assert paid == [5]
    await record.writer.flush()
    row = await one(record, "tool_decisions")
    assert (row["tool"], json.loads(row["arguments"]), row["state"]) == ("pay", {"amount": 5}, "ended")
    done = [step for step in await rows(record, "steps", type="tool") if step["output"] == '{"paid":5}']
    assert len(done) == 1
    assert (await one(record, "forms"))["answered_by_message"] == message_id
    for talk in (before, after):
        await talk.leave()
    for agent in agents:
        await agent.close()
