"""What agents do beside talking. A study's own module imports from here: `from agent.tools import tool`."""

from agent.tools.declare import ToolContext, ToolError, ToolOptions, ToolStore, tool

__all__ = ["ToolContext", "ToolError", "ToolOptions", "ToolStore", "tool"]
