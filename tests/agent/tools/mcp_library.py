"""A tiny MCP server of a library: run it as a program, with "http" and a port for HTTP."""

import os
import sys
import time
from pathlib import Path

from mcp.server.fastmcp import FastMCP
from mcp.types import ToolAnnotations

server = FastMCP("library", port=int(sys.argv[2]) if len(sys.argv) > 2 else 0, log_level="ERROR")
lent: list[str] = []


@server.tool(annotations=ToolAnnotations(readOnlyHint=True))
def search(words: str, most: int = 3) -> list[str]:
    """Search for books."""
    return [f"{words} {number}" for number in range(1, most + 1)]


@server.tool()
def lend(title: str) -> str:
    """Lend a book."""
    if title == "lost":
        raise ValueError("That book is lost.")
    lent.append(title)
    return f"{title}, lent as number {len(lent)}"


@server.tool()
def secret() -> list[str]:
    """What is known of who started it."""
    return sorted(os.environ)


@server.tool(annotations=ToolAnnotations(idempotentHint=True))
def process() -> int:
    """Its process."""
    return os.getpid()


@server.tool()
def end() -> str:
    """End the server in the middle of a call."""
    os._exit(3)


@server.tool()
def hold(until: str) -> str:
    """Do nothing else until a file is there."""
    Path(f"{until}.begun").touch()
    while not Path(until).exists():
        time.sleep(0.01)
    return "held"


@server.tool()
def burn() -> str:
    """Not to be called by anybody."""
    raise SystemExit(1)


if __name__ == "__main__":
    server.run("streamable-http" if len(sys.argv) > 1 else "stdio")
