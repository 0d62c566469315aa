"""A tool of an MCP server, as an agent calls it."""

import re
from collections.abc import Mapping
from typing import Any

from agent.events import Json
from agent.others_json import read_others_json
from agent.tools.declare import ServerToolError, ToolContext, ToolOptions
from agent.tools.mcp_server import McpServer
from agent.tools.schema import ArgumentsRefused
from study.text import storable_json

_ANYTHING: Json = {"type": "object"}


class McpTool:
    """One that the study lets an agent use.

    Args:
        server: Whose it is.
        remote: Its name there.
    """

    def __init__(self, server: McpServer, remote: str) -> None:
        self._server = server
        self._remote = remote
        self.name = offered_name(remote)

    @property
    def description(self) -> str:
        """As the server describes it."""
        listed = self._server.known.get(self._remote)
        return str(self._server.without_secrets(listed.description or "")) if listed else ""

    @property
    def parameters(self) -> Json:
        """As the server wants them; anything until it has said so."""
        listed = self._server.known.get(self._remote)
        return dict(self._server.without_secrets(listed.inputSchema)) if listed else _ANYTHING

    @property
    def options(self) -> ToolOptions:
        """What the study says of it, else the server; where nobody says anything it acts."""
        listed = self._server.known.get(self._remote)
        hints = listed.annotations if listed else None
        said = self._server.definition
        question = said.asks_first.get(self._remote)
        return ToolOptions(
            idempotent=bool(hints and hints.idempotentHint),
            acts=self._remote in said.acts if said.acts is not None else not (hints and hints.readOnlyHint),
            asks_first=question is not None,
            question=question or "",
            timeout_s=said.timeout_s,
        )

    def arguments(self, given: Mapping[str, Any] | str) -> dict[str, Any]:
        """See Tool; the server looks at them more closely."""
        try:
            said = read_others_json(given.strip() or "{}") if isinstance(given, str) else dict(given)
        except ValueError as error:
            raise ArgumentsRefused(f"The arguments are not JSON ({error}). Write one JSON object.") from error
        if not isinstance(said, dict):
            raise ArgumentsRefused("The arguments must be one JSON object.")
        required = self.parameters.get("required")
        missing = [name for name in required if name not in said] if isinstance(required, list) else []
        if missing:
            raise ArgumentsRefused(f"{', '.join(map(str, missing))} is missing. Give it a value.")
        # Half of a character has no UTF-8: the connection to the server would break over it.
        return dict(storable_json(said))

    async def run(self, arguments: Mapping[str, Any], context: ToolContext) -> Any:
        """See Tool; the server is not told for whom."""
        result = await self._server.call(self._remote, arguments)
        texts = [getattr(part, "text", None) for part in result.content]
        said = str(self._server.without_secrets("\n".join(text for text in texts if text is not None)))
        if result.isError:
            raise ServerToolError(said or f"{self.name} failed.", error_type="server_error")
        if result.structuredContent is not None:
            return self._server.without_secrets(result.structuredContent)
        left_out = [part.type for part, text in zip(result.content, texts, strict=True) if text is None]
        return {"text": said, "left_out": left_out} if left_out else said


def offered_name(remote: str) -> str:
    """A tool's name as models take it."""
    return re.sub(r"[^A-Za-z0-9_-]", "_", remote)[:64]
