"""A task agent over the real record: where its dialogue stands follows what is on the screen."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from agent.task.agent import TaskAgent
from agent.tools.function_tool import FunctionTool
from agent.tools.toolbox import Toolbox
from data_layer.record import Record
from stages.chat.stage import ChatStage
from study.task_definition import DialogueDefinition
from tests.data_layer.rows import rows
from tests.fakes import FakeAgents
from tests.stages.talk import LIMIT, Talk

BOOKING: dict[str, Any] = {
    "title": "Book a table",
    "words": ["book", "table"],
    "slots": {"guests": {"kind": "quantity", "required": True, "ask": "How many?", "called": ["guests"]}},
    "prepare": [
        {"tool": "reserve", "arguments": {"guests": "{{ guests }}"}, "keep": {"number": "result.number"}}
    ],
    "confirm": "Number {{ number }} for {{ guests }}. Is that right?",
    "answer": "Booked as number {{ number }}.",
}


def reserving() -> Callable[..., Any]:
    """A tool that gives another number each time: what it said cannot be asked for again."""
    numbers = iter(range(1, 100))

    async def reserve(guests: int) -> dict[str, Any]:
        """Reserve a table.

        Args:
            guests: How many.
        """
        return {"number": next(numbers)}

    return reserve


@pytest.fixture
async def talk(record: Record) -> AsyncIterator[Talk]:
    """ADA with an agent that books tables."""
    agent = TaskAgent(
        "Desk",
        DialogueDefinition.model_validate({"intents": {"book": BOOKING}}),
        Toolbox([FunctionTool(reserving())]),
    )
    stage = ChatStage(record, FakeAgents(agent), message_length=LIMIT)
    talk = Talk(stage, record)
    yield talk
    await talk.leave()
    await stage.close()


async def answer(talk: Talk) -> str:
    """What stands on the screen last."""
    return (await talk.living())[-1]


async def test_what_a_tool_said_is_known_in_later_turns(talk: Talk) -> None:
    """It is not asked again: the number is the one that the participant was told."""
    for text in ("book a table", "four", "yes"):
        await talk.say(text)
    assert await answer(talk) == "Booked as number 1."


async def test_going_back_to_an_earlier_question(talk: Talk) -> None:
    """It is asked again, and the tool is told of the change."""
    for text in ("book a table", "four", "actually the guests", "five"):
        await talk.say(text)
    assert await answer(talk) == "Number 2 for 5. Is that right?"


async def test_after_an_edit_the_dialogue_stands_where_the_screen_does(talk: Talk) -> None:
    """What was said and called after the edited message is as though it had not been."""
    await talk.say("book a table")
    four = await talk.say("four")
    await talk.say("actually the guests")
    await talk.say("five")
    await talk.edit(four, "six")
    assert await answer(talk) == "Number 3 for 6. Is that right?"
    await talk.say("yes")
    assert await answer(talk) == "Booked as number 3."


async def test_steps_and_messages_are_of_their_intent(talk: Talk) -> None:
    """Every stage and call of both intents is kept, and each belongs to one of the two."""
    for text in ("book a table", "four", "yes", "book a table", "two", "yes"):
        await talk.say(text)
    kept = [row for row in await rows(talk.record, "steps", thread_id=talk.thread_id) if row["turn"]]
    told = await rows(talk.record, "intents", thread_id=talk.thread_id)
    assert [(row["name"], row["state"], row["parameters"]) for row in told] == [
        ("book", "completed", {"guests": 4}),
        ("book", "completed", {"guests": 2}),
    ]
    answers = [row["intent_id"] for row in kept if row["type"] in ("user_message", "assistant_message")]
    assert answers == [told[0]["intent_id"]] * 6 + [told[1]["intent_id"]] * 6
    assert sum(row["type"] == "tool" for row in kept) == 2
    assert sum(row["type"] == "response" for row in kept) == 6
