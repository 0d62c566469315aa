"""A tool that asks first is called by a task agent after a yes to its intent's `confirm`, asked once."""

from typing import Any

import pytest

from agent.task.agent import TaskAgent
from agent.tools.declare import tool
from agent.tools.function_tool import FunctionTool
from agent.tools.toolbox import Toolbox
from study.task_definition import DialogueDefinition
from tests.agent.task.counter import Counter

DAY = {"kind": "choice", "options": {"Monday": [], "Friday": []}, "required": True, "ask": "Which day?"}
OPEN = {"kind": "choice", "options": {"Monday": []}}
CALL = {"tool": "book", "arguments": {"day": "{{ day }}"}}


class Desk:
    """Books when it was approved."""

    def __init__(self, **intent: Any) -> None:
        self.booked: list[str] = []

        @tool(asks_first=True, question="Shall I book {day}?")
        async def book(day: str) -> dict[str, Any]:
            """Book a day."""
            self.booked.append(day)
            return {"room": 7}

        whole = {
            "title": "Book",
            "words": ["book"],
            "slots": {"day": DAY},
            "calls": [CALL],
            "answer": "Done.",
        }
        definition = DialogueDefinition.model_validate({"intents": {"book": whole | intent}, "sure": 0.4})
        self.counter = Counter(TaskAgent("T", definition, Toolbox([FunctionTool(book)])))


async def test_a_confirm_is_that_asking() -> None:
    """One question, the dialogue's own; nothing is done before the yes, and once after it."""
    desk = Desk(confirm="{{ day }}?")
    assert await desk.counter.say("book Monday") == "Monday?"
    assert desk.booked == []
    assert await desk.counter.say("yes") == "Done."
    assert desk.booked == ["Monday"]


async def test_what_is_changed_is_asked_about_anew() -> None:
    """A yes is to what was asked last."""
    desk = Desk(confirm="{{ day }}?")
    await desk.counter.say("book Monday")
    assert await desk.counter.say("Friday please") == "Friday?"
    assert desk.booked == []
    await desk.counter.say("yes")
    assert desk.booked == ["Friday"]


async def test_a_no_does_nothing() -> None:
    """What should be different is asked instead."""
    desk = Desk(confirm="{{ day }}?")
    await desk.counter.say("book Monday")
    assert await desk.counter.say("no") == "What should be different?"
    assert desk.booked == []


@pytest.mark.parametrize("intent", [{}, {"prepare": [CALL]}, {"aside": True, "slots": {"day": OPEN}}])
async def test_nothing_acts_where_nobody_was_asked(intent: dict[str, Any]) -> None:
    """A dialogue that nobody has checked calls it without a question: the call fails, and that is said."""
    desk = Desk(**intent)
    assert "did not work" in await desk.counter.say("book Monday")
    assert desk.booked == []
