"""A participant notices what a reconnect has lost, changed, doubled or put elsewhere."""

from typing import Any

import pytest

from simulation.memory import Memory
from simulation.screen import SimulatedScreen

STEPS = [
    {"id": "a", "type": "user_message", "name": "User", "output": "hello"},
    {"id": "b", "type": "tool", "name": "find", "input": "{}", "output": "[]"},
    {"id": "c", "type": "assistant_message", "name": "Echo", "output": "re: hello"},
]


def screen_of(steps: list[dict[str, Any]]) -> SimulatedScreen:
    """Show a thread as the server sends it."""
    screen = SimulatedScreen()
    screen.apply("resume_thread", {"id": "t", "steps": steps})
    return screen


@pytest.fixture
def memory() -> Memory:
    """Somebody who has seen all three."""
    memory = Memory()
    memory.keep(screen_of(STEPS))
    return memory


def test_the_same_screen_has_no_fault(memory: Memory) -> None:
    """Nothing is named."""
    assert memory.faults_of(screen_of(STEPS), begun="a") == []


def test_more_than_was_remembered_is_no_fault(memory: Memory) -> None:
    """The turn that was cut off stands below."""
    more = [*STEPS, {"id": "d", "type": "user_message", "name": "User", "output": "goodbye"}]
    assert memory.faults_of(screen_of(more), begun="d") == []


@pytest.mark.parametrize(
    ("steps", "word"),
    [
        (STEPS[:2], "came back as None"),
        ([*STEPS[:2], STEPS[2] | {"output": "re: hell"}], "came back as Shown"),
        ([STEPS[0], STEPS[1] | {"input": ""}, STEPS[2]], "came back as Shown"),
        ([STEPS[1], STEPS[0], STEPS[2]], "another order"),
        ([*STEPS, STEPS[0]], "twice on the screen"),
    ],
    ids=["gone", "words changed", "tool input changed", "order", "twice"],
)
def test_each_kind_of_fault_is_named(memory: Memory, steps: list[dict[str, Any]], word: str) -> None:
    """One sentence for one fault."""
    (fault,) = memory.faults_of(screen_of(steps), begun=None)
    assert word in fault


def test_a_message_whose_reply_had_begun_may_not_be_gone(memory: Memory) -> None:
    """It was committed before the agent spoke, or the promise is broken."""
    assert memory.faults_of(screen_of(STEPS), begun="d") == ["message d was gone though its reply had begun"]
