"""Tools that fail, that have nothing, that are told too much: a sentence each time, and a way on."""

from typing import Any

from agent.task.agent import TaskAgent
from agent.tools.declare import ToolError, tool
from agent.tools.function_tool import FunctionTool
from agent.tools.toolbox import Toolbox
from study.task_definition import DialogueDefinition
from tests.agent.task.counter import Counter, barista

DAY = {"kind": "choice", "options": {"Monday": [], "Friday": []}, "required": True, "ask": "Which day?"}


def booking(works: list[bool], **intent: Any) -> Counter:
    """A conversation with an agent whose tool works, or not, at each call."""
    left = iter(works)

    @tool(completes=True)
    async def book(day: str) -> dict[str, Any]:
        """Book.

        Args:
            day: Which.
        """
        if not next(left):
            raise ToolError("the calendar is away")
        return {"room": 7}

    call = {"tool": "book", "arguments": {"day": "{{ day }}"}, "keep": {"room": "result.room"}}
    whole = {"title": "Book", "words": ["book"], "slots": {"day": DAY}, "calls": [call]}
    whole |= {"answer": "Room {{ room }}."}
    definition = DialogueDefinition.model_validate({"intents": {"book": whole | intent}, "sure": 0.4})
    return Counter(TaskAgent("T", definition, Toolbox([FunctionTool(book)])))


async def test_a_tool_that_fails_is_tried_again_when_asked_for() -> None:
    """The chat goes on, nothing that was said is lost, and a yes tries it once more."""
    counter = booking([False, True])
    assert await counter.say("book Monday") == "I am sorry, that did not work just now. Shall I try again?"
    assert len(counter.failed) == 1
    assert await counter.say("yes") == "Room 7."


async def test_a_confirmed_tool_that_fails_is_confirmed_still() -> None:
    """A yes is not asked for twice."""
    counter = booking([False, True], confirm="{{ day }}?")
    await counter.say("book Monday")
    assert await counter.say("yes") == "I am sorry, that did not work just now. Shall I try again?"
    assert await counter.say("yes") == "Room 7."


async def test_what_failed_can_be_changed_instead() -> None:
    """Another day is tried at once."""
    counter = booking([False, True])
    await counter.say("book Monday")
    assert await counter.say("Friday then") == "Room 7."


async def test_what_the_shop_does_not_have_is_said() -> None:
    """And something else is asked for, and taken."""
    call = {"tool": "book", "arguments": {"day": "{{ day }}"}, "keep": {"room": "result.none"}}
    counter = booking([True] * 3, calls=[call | {"otherwise": "Nothing on {{ day }}."}])
    said = await counter.say("book Monday")
    assert said == "Nothing on Monday.\n\nWhat should be different?"
    assert (await counter.say("Friday")).startswith("Nothing on Friday.")


async def test_a_message_of_four_hundred_drinks_orders_twenty() -> None:
    """Nobody's typing makes a thousand calls, and what was understood is read back."""
    said = await Counter(barista()).say("latte " * 400)
    assert said.count("1 Latte") == 20
    assert said.endswith("for here. Is that right?")
