"""A call is a step, and a decision is carried out once."""

import asyncio
import json
from typing import Any

import pytest

from agent.tools import ToolContext, ToolError, tool
from agent.tools.keeping import MemoryKeeping, key_of
from agent.tools.running import ReplyTools
from tests.agent.tools.calling import context_of, run, toolbox_of


class Till:
    """A tool that acts, and counts how often."""

    def __init__(self, **options: Any) -> None:
        self.keys: list[str] = []

        @tool(**options)
        async def pay(context: ToolContext, amount: int) -> dict[str, int]:
            """Pay."""
            self.keys.append(context.idempotency_key)
            return {"paid": amount, "times": len(self.keys)}

        self.tool = pay


async def test_a_call_is_a_step_with_its_arguments_and_its_result() -> None:
    """Byte for byte as the model wrote them, and as the tool gave it."""
    till = Till()
    started, ended, result = await run(
        ReplyTools(toolbox_of(till.tool), context_of()), "pay", '{"amount":  5}'
    )
    assert (started.name, started.type, started.input) == ("pay", "tool", '{"amount":  5}')
    assert (ended.key, ended.output, ended.is_error) == (started.key, '{"paid":5,"times":1}', False)
    assert result.output == ended.output


async def test_a_failed_call_is_a_failed_step() -> None:
    """With a sentence in it, and the next call has a step of its own."""

    def refuses() -> None:
        """Refuse."""
        raise ToolError("No.")

    tools = ReplyTools(toolbox_of(refuses), context_of())
    started, ended, _ = await run(tools, "refuses")
    assert ended.is_error
    assert json.loads(ended.output)["error"] == "No."
    assert (await run(tools, "refuses"))[0].key != started.key


async def test_a_decision_is_carried_out_once() -> None:
    """Answering the same message again gives the kept result, whatever the arguments' white space."""
    till, keeping = Till(), MemoryKeeping()
    for arguments in ('{"amount": 5}', '{"amount":5}'):
        _, ended, result = await run(ReplyTools(toolbox_of(till.tool), context_of(keeping)), "pay", arguments)
        assert (ended.output, result.is_error) == ('{"paid":5,"times":1}', False)
    assert len(till.keys) == 1


@pytest.mark.parametrize(
    ("decision", "arguments"), [("message:2", '{"amount": 5}'), ("message:1", '{"amount": 6}')]
)
async def test_another_decision_is_carried_out(decision: str, arguments: str) -> None:
    """An edited message, or other arguments, are something else."""
    till, keeping = Till(), MemoryKeeping()
    await run(ReplyTools(toolbox_of(till.tool), context_of(keeping)), "pay", '{"amount": 5}')
    await run(ReplyTools(toolbox_of(till.tool), context_of(keeping, decision)), "pay", arguments)
    assert len(set(till.keys)) == 2


async def test_equal_calls_of_one_reply_are_two_decisions() -> None:
    """Two coffees are two coffees; and both are known when the message is answered once more."""
    till, keeping = Till(), MemoryKeeping()
    for _ in range(2):
        tools = ReplyTools(toolbox_of(till.tool), context_of(keeping))
        times = [json.loads((await run(tools, "pay", {"amount": 5}))[2].output)["times"] for _ in range(2)]
        assert times == [1, 2]
    assert len(set(till.keys)) == 2


async def test_a_call_between_does_not_make_another_decision() -> None:
    """A model that looks something up first, the second time, does not pay twice."""
    till, keeping = Till(), MemoryKeeping()

    @tool(acts=False)
    def look() -> str:
        """Look."""
        return "seen"

    box = toolbox_of(till.tool, look)
    await run(ReplyTools(box, context_of(keeping)), "pay", {"amount": 5})
    again = ReplyTools(box, context_of(keeping))
    await run(again, "look")
    await run(again, "pay", {"amount": 5})
    assert len(till.keys) == 1


@pytest.mark.parametrize(("idempotent", "calls"), [(True, 1), (False, 0)])
async def test_what_began_and_broke_off_is_not_called_twice(idempotent: bool, calls: int) -> None:
    """An idempotent tool gets the same key again; another is a failed step that says why."""
    till, keeping = Till(idempotent=idempotent), MemoryKeeping()
    first = ReplyTools(toolbox_of(till.tool), context_of(keeping))
    _, decision = first.decide("pay", {"amount": 5})
    await keeping.begin(decision)  # and here the process was killed
    _, ended, result = await run(ReplyTools(toolbox_of(till.tool), context_of(keeping)), "pay", {"amount": 5})
    assert till.keys == [decision.key] * calls
    assert ended.is_error is not idempotent
    if not idempotent:
        assert result.error_type == "abandoned_call"
        assert "Nobody knows whether it was done; it is not called twice." in result.sentence


async def test_a_stop_does_not_break_an_act_off() -> None:
    """The reply ends at once; the tool goes on, and its result is there when it is answered again."""
    begun, go_on, keeping = asyncio.Event(), asyncio.Event(), MemoryKeeping()
    done: list[int] = []

    async def pay() -> str:
        """Pay."""
        begun.set()
        await go_on.wait()
        done.append(1)
        return "paid"

    box = toolbox_of(pay)
    task = asyncio.create_task(run(ReplyTools(box, context_of(keeping)), "pay"))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    go_on.set()
    await box.close()
    assert done == [1]
    _, ended, _ = await run(ReplyTools(box, context_of(keeping)), "pay")
    assert (ended.output, done) == ('"paid"', [1])


async def test_looking_something_up_is_done_each_time() -> None:
    """A tool that says that it does not act is asked anew: its answer may have changed."""
    till, keeping = Till(acts=False), MemoryKeeping()
    for _ in range(2):
        await run(ReplyTools(toolbox_of(till.tool), context_of(keeping)), "pay", {"amount": 5})
    assert len(till.keys) == 2


async def test_a_failure_is_kept_as_well() -> None:
    """A tool that acted and broke may have acted: once more is once too often."""
    calls: list[int] = []

    def breaks() -> None:
        """Break."""
        calls.append(1)
        raise OSError

    keeping = MemoryKeeping()
    for _ in range(2):
        _, ended, result = await run(ReplyTools(toolbox_of(breaks), context_of(keeping)), "breaks")
        assert (ended.is_error, result.error_type) == (True, "OSError")
    assert len(calls) == 1


@pytest.mark.parametrize("options", [{}, {"idempotent": True}])
async def test_what_was_surely_not_done_may_be_tried_again(options: dict[str, Any]) -> None:
    """A tool that said no, or one that does no harm when it is called again."""
    calls: list[int] = []

    @tool(**options)
    def refuses_once() -> str:
        """Refuse once."""
        calls.append(1)
        if len(calls) == 1:
            raise ToolError("Not now.")
        return "done"

    keeping = MemoryKeeping()
    await run(ReplyTools(toolbox_of(refuses_once), context_of(keeping)), "refuses_once")
    for _ in range(2):
        _, ended, _ = await run(ReplyTools(toolbox_of(refuses_once), context_of(keeping)), "refuses_once")
        assert ended.output == '"done"'
    assert len(calls) == 2


def test_a_key_tells_decisions_apart() -> None:
    """By each of its parts."""
    keys = {key_of("a", "b", {"c": 1}, 0), key_of("b", "b", {"c": 1}, 0), key_of("a", "c", {"c": 1}, 0)}
    keys |= {key_of("a", "b", {"c": 2}, 0), key_of("a", "b", {"c": 1}, 1), key_of("a", "b", "{no json", 0)}
    assert len(keys) == 6
