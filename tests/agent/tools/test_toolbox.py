"""Whatever a tool does, its call ends in time with something that an agent can go on from."""

import asyncio
import json
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from agent.tools import ToolContext, ToolError, tool
from agent.tools.toolbox import TRIES
from tests.agent.tools.calling import call, toolbox_of


@tool
def greet(context: ToolContext, name: str) -> dict[str, str]:
    """Greet somebody."""
    return {"hello": name, "thread": context.thread_id, "on": threading.current_thread().name}


async def test_a_plain_function_runs_beside_the_loop() -> None:
    """It is given its arguments and its context, in a thread of its own."""
    result = await call(toolbox_of(greet), "greet", {"name": "Ada"})
    assert json.loads(result.output) == {"hello": "Ada", "thread": "thread", "on": "tool"}
    assert (result.is_error, result.error_type, result.sentence, result.completes) == (False, None, "", False)


def test_the_schema_is_the_apis() -> None:
    """Each tool as a function with its name, description and parameters."""
    (schema,) = toolbox_of(greet).schemas
    assert (schema["type"], schema["function"]["name"]) == ("function", "greet")
    assert schema["function"]["description"] == "Greet somebody."
    assert list(schema["function"]["parameters"]["properties"]) == ["name"]


async def test_an_unknown_tool_is_an_error_that_names_the_known() -> None:
    """A model that invents a tool learns which there are."""
    result = await call(toolbox_of(greet), "great")
    assert (result.is_error, result.error_type) == (True, "unknown_tool")
    assert json.loads(result.output)["error"] == "There is no tool 'great'. There are: greet."


async def test_arguments_that_do_not_fit_are_not_called_with() -> None:
    """The function never sees them."""
    seen: list[int] = []

    def count(number: int) -> int:
        """Count."""
        seen.append(number)
        return number

    result = await call(toolbox_of(count), "count", '{"number": "one"}')
    assert result.error_type == "invalid_arguments"
    assert seen == []


def _raises_oddly() -> None:
    """Break."""
    raise ZeroDivisionError("sk-proj-" + "a" * 40)


def _leaves() -> None:
    """Break."""
    sys.exit(3)


def _stops() -> None:
    """Break."""
    raise StopIteration


async def _cancels() -> None:
    """Break."""
    raise asyncio.CancelledError


def _interrupts() -> None:
    """Break."""
    raise KeyboardInterrupt


async def _interrupts_the_loop() -> None:
    """Break."""
    raise KeyboardInterrupt


async def _cancels_itself() -> None:
    """Break."""
    task = asyncio.current_task()
    assert task is not None
    task.cancel()
    await asyncio.Event().wait()


class _Unsayable(Exception):
    def __str__(self) -> str:
        raise ValueError


def _cannot_say_why() -> None:
    """Break."""
    raise _Unsayable


def _says_half_a_character() -> None:
    """Break."""
    raise ToolError("No \ud800.")


def _refuses() -> None:
    """Break."""
    raise ToolError("There is no oat milk today.")


def _gives_no_json() -> Any:
    """Break."""
    return object()


@pytest.mark.parametrize(
    ("function", "kind", "sentence"),
    [
        (_raises_oddly, "ZeroDivisionError", "_raises_oddly failed (ZeroDivisionError)."),
        (_leaves, "SystemExit", "_leaves failed (SystemExit)."),
        (_stops, "RuntimeError", "_stops failed (RuntimeError)."),
        (_cancels, "CancelledError", "_cancels failed (CancelledError)."),
        (_interrupts, "KeyboardInterrupt", "_interrupts failed (KeyboardInterrupt)."),
        (
            _interrupts_the_loop,
            "KeyboardInterrupt",
            "_interrupts_the_loop failed (KeyboardInterrupt).",
        ),
        (_cancels_itself, "CancelledError", "_cancels_itself failed (CancelledError)."),
        (_cannot_say_why, "_Unsayable", "_cannot_say_why failed (_Unsayable)."),
        (_says_half_a_character, "tool_error", "No \ufffd."),
        (_refuses, "tool_error", "There is no oat milk today."),
        (_gives_no_json, "result_is_no_json", "_gives_no_json was called, and what it gave is no JSON."),
    ],
)
async def test_whatever_a_tool_raises_is_a_failed_result(
    function: Callable[..., Any], kind: str, sentence: str
) -> None:
    """A kind and a sentence, which repeats what the tool meant to say and nothing that it did not."""
    result = await call(toolbox_of(function), function.__name__)
    assert (result.is_error, result.error_type, result.sentence) == (True, kind, sentence)
    assert json.loads(result.output) == {"error": sentence, "error_type": kind}


async def test_a_tool_that_hangs_is_left_after_its_time() -> None:
    """Asynchronous or not: the call ends, and says why."""
    let_go = threading.Event()

    @tool(timeout_s=0.01)
    async def waits() -> None:
        """Wait."""
        await asyncio.Event().wait()

    @tool(timeout_s=0.01)
    def blocks() -> None:
        """Wait."""
        let_go.wait(10)

    try:
        for name in ("waits", "blocks"):
            result = await call(toolbox_of(waits, blocks), name)
            assert result.error_type == "tool_timeout"
            assert result.sentence == f"{name} was not done after 0.01 seconds."
    finally:
        let_go.set()


async def test_a_tool_that_does_not_hear_that_its_time_is_over_is_left_to_itself() -> None:
    """Its call ends all the same, and so does the server that waits for all calls."""
    let_go = asyncio.Event()

    @tool(timeout_s=0.01)
    async def clings() -> None:
        """Wait."""
        while not let_go.is_set():
            with suppress(asyncio.CancelledError):
                await let_go.wait()

    box = toolbox_of(clings)
    assert (await call(box, "clings")).error_type == "tool_timeout"
    let_go.set()
    await box.close()


@pytest.mark.parametrize(
    ("given", "output"),
    [
        (float("nan"), "null"),
        ([float("inf"), -float("inf")], "[null,null]"),
        ({"price": float("nan")}, '{"price":null}'),
    ],
)
async def test_what_json_has_no_number_for_is_null(given: Any, output: str) -> None:
    """NaN is no JSON: neither a model nor PostgreSQL would take it."""

    def gives() -> Any:
        """Give."""
        return given

    assert (await call(toolbox_of(gives), "gives")).output == output


@pytest.mark.parametrize("constant", ["NaN", "Infinity", "-Infinity"])
async def test_a_model_cannot_give_what_is_no_number(constant: str) -> None:
    """Python reads it, JSON does not have it, and a tool is not called with it."""

    def pay(amount: float, more: dict[str, Any] | None = None) -> float:
        """Pay."""
        return amount

    for arguments in (f'{{"amount": {constant}}}', f'{{"amount": 1, "more": {{"a": [{constant}]}}}}'):
        assert (await call(toolbox_of(pay), "pay", arguments)).error_type == "invalid_arguments"
    assert not (await call(toolbox_of(pay), "pay", '{"amount": 1, "more": {"a": "NaN"}}')).is_error


async def test_a_stop_reaches_a_tool() -> None:
    """Whoever cancels the call is not told that the tool failed."""
    begun = asyncio.Event()

    async def waits() -> None:
        """Wait."""
        begun.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(call(toolbox_of(waits), "waits"))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize(("idempotent", "tries"), [(True, TRIES), (False, 1)])
async def test_only_what_is_idempotent_is_tried_again(idempotent: bool, tries: int) -> None:
    """A tool that does not say so is called once, however it fails."""
    calls: list[int] = []

    @tool(idempotent=idempotent)
    async def breaks() -> None:
        """Break."""
        calls.append(1)
        raise OSError

    assert (await call(toolbox_of(breaks), "breaks")).error_type == "OSError"
    assert len(calls) == tries


async def test_a_second_try_may_succeed() -> None:
    """What an idempotent tool gives at last is the result."""
    calls: list[int] = []

    @tool(idempotent=True)
    async def breaks_once() -> str:
        """Break once."""
        calls.append(1)
        if len(calls) == 1:
            raise OSError
        return "done"

    result = await call(toolbox_of(breaks_once), "breaks_once")
    assert (result.output, result.is_error, len(calls)) == ('"done"', False, 2)


async def test_a_second_try_is_given_what_the_first_was() -> None:
    """A tool may empty a list that it was given, and then fail."""
    given: list[list[int]] = []

    @tool(idempotent=True)
    async def takes(items: list[int]) -> str:
        """Take."""
        given.append(list(items))
        items.clear()
        raise OSError

    await call(toolbox_of(takes), "takes", '{"items": [1, 2]}')
    assert given == [[1, 2]] * TRIES


async def test_what_a_tool_refuses_is_not_tried_again() -> None:
    """It has said no, and says it once."""
    calls: list[int] = []

    @tool(idempotent=True)
    def refuses() -> None:
        """Refuse."""
        calls.append(1)
        raise ToolError("No.")

    await call(toolbox_of(refuses), "refuses")
    assert len(calls) == 1


async def test_a_long_result_is_cut_and_says_so() -> None:
    """The tool has done its work: that is no error, and the rest is JSON still."""

    @tool(longest_result=100, completes=True)
    def tells() -> str:
        """Tell."""
        return "x" * 1_000

    result = await call(toolbox_of(tells), "tells")
    said = json.loads(result.output)
    assert (result.is_error, result.completes) == (False, True)
    assert said["beginning"] == '"' + "x" * 99
    assert said["cut_off"].startswith("The result has 1,002 characters; these are the first 100")


async def test_only_success_completes() -> None:
    """What the participant wanted is not done when the tool says no."""

    @tool(completes=True)
    def finishes(sure: bool) -> str:
        """Finish."""
        if not sure:
            raise ToolError("Not yet.")
        return "done"

    box = toolbox_of(finishes)
    assert (await call(box, "finishes", {"sure": True})).completes
    assert not (await call(box, "finishes", {"sure": False})).completes
