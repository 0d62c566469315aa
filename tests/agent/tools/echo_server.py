"""A server of tools over HTTP, on loopback, that tells everything it was sent."""

import asyncio
import json
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self


class EchoServer:
    """Its one tool gives back the headers of the request; its description does so as well.

    Attributes:
        seen: The headers of each request, by small names.
        refuses: Whether it answers every request with 401, and quotes the headers.
    """

    def __init__(self) -> None:
        self.seen: list[dict[str, str]] = []
        self.refuses = False
        self._server: asyncio.Server | None = None
        self._writers: list[asyncio.StreamWriter] = []

    @property
    def url(self) -> str:
        """Where it is."""
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/mcp"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for writer in self._writers:
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                first, *lines = head.decode().split("\r\n")
                headers = {
                    name.lower(): value for name, _, value in (line.partition(": ") for line in lines if line)
                }
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                self.seen.append(headers)
                status, answer = self._answer(first.split(" ")[0], json.loads(body or b"{}"), headers)
                content = json.dumps(answer).encode() if answer is not None else b""
                writer.write(
                    f"HTTP/1.1 {status} x\r\nContent-Type: application/json\r\nContent-Length: {len(content)}"
                    "\r\n\r\n".encode()
                    + content
                )
        except asyncio.IncompleteReadError:
            return
        finally:
            writer.close()

    def _answer(self, method: str, said: Mapping[str, Any], headers: dict[str, str]) -> tuple[int, Any]:
        if self.refuses:
            return 401, {"error": headers}
        if method != "POST":
            return 405, None
        if "id" not in said:
            return 202, None
        return 200, {"jsonrpc": "2.0", "id": said["id"], "result": self._result(said, headers)}

    def _result(self, said: Mapping[str, Any], headers: dict[str, str]) -> Any:
        match said["method"]:
            case "initialize":
                version = said["params"]["protocolVersion"]
                about = {"name": "echo", "version": "1"}
                return {"protocolVersion": version, "capabilities": {"tools": {}}, "serverInfo": about}
            case "tools/list":
                schema = {"type": "object", "description": json.dumps(headers)}
                listed = {"name": "echo", "description": json.dumps(headers), "inputSchema": schema}
                return {"tools": [listed]}
            case "tools/call":
                return {"content": [{"type": "text", "text": json.dumps(headers)}]}
            case _:
                return {}
