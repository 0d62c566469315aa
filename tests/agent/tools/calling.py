"""What tests of tools need: a study's module, and one call through all of it."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from agent.context import ReplyContext
from agent.events import StepEnded, StepStarted
from agent.tools.declare import ToolContext
from agent.tools.function_tool import FunctionTool
from agent.tools.keeping import MemoryKeeping
from agent.tools.running import ReplyTools, run_tool
from agent.tools.toolbox import Toolbox, ToolResult

# Its agent's tools stand behind it.
STUDY = """\
id: shop
title: Shop
contact: a@b.example
welcome: Welcome.
agents:
  - name: Guide
    kind: openai
    model: any
"""
OF_A_MODULE = (
    STUDY
    + """\
    tools: {module: tools.py, use: [%s]}
"""
)


def write_study(folder: Path, module: str, *use: str) -> Path:
    """A study in a folder whose one agent has these tools."""
    folder.mkdir(exist_ok=True)
    (folder / "study.yaml").write_text(OF_A_MODULE % ", ".join(use), encoding="utf-8")
    (folder / "tools.py").write_text(module, encoding="utf-8")
    return folder


def toolbox_of(*functions: Callable[..., Any]) -> Toolbox:
    """Functions as an agent's tools, tried again at once."""
    return Toolbox([FunctionTool(one) for one in functions], pause_s=0)


def context_of(keeping: MemoryKeeping | None = None, decision: str = "message:1") -> ReplyContext:
    """Where a reply stands."""
    return ReplyContext("thread", "run", "participant", "message", decision, keeping)


def tool_context() -> ToolContext:
    """What a tool is given."""
    return ToolContext("thread", "participant", "run", "key", MemoryKeeping().store("thread", "participant"))


async def call(toolbox: Toolbox, name: str, arguments: Mapping[str, Any] | str = "{}") -> ToolResult:
    """One call, without a reply around it."""
    return await toolbox.call(name, arguments, tool_context())


async def run(
    tools: ReplyTools, name: str, arguments: Mapping[str, Any] | str = "{}"
) -> tuple[StepStarted, StepEnded, ToolResult]:
    """One call as a step of a reply."""
    started, ended, result = [event async for event in run_tool(tools, name, arguments)]
    assert isinstance(started, StepStarted)
    assert isinstance(ended, StepEnded)
    assert isinstance(result, ToolResult)
    return started, ended, result
