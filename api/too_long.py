"""A body that is too long, answered in the API's one shape of problems.

FastAPI holds each route's body to its length as it comes (`max_body_size`), and answers in plain text.
"""

from fastapi import FastAPI
from starlette.types import Message, Receive, Scope, Send

from api.problem import answer
from web.guards import say_why

_STATUS = 413
_PLAIN = b"text/plain"


class ProblemsOfLength(FastAPI):
    """The API's app, but for that."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] == "http":
            send = _Sending(scope, receive, send).send
        await super().__call__(scope, receive, send)


class _Sending:
    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self._replaced = False

    async def send(self, message: Message) -> None:
        if self._replaced:
            return
        if message["type"] == "http.response.start" and message["status"] == _STATUS and _is_plain(message):
            self._replaced = True
            say_why(self._scope, "the body is too long")
            detail = "The body is too long. Send less at once."
            # Of a long body the rest is not listened to.
            refusal = answer(_STATUS, "too_long", detail, headers={"Connection": "close"})
            await refusal(self._scope, self._receive, self._send)
            return
        await self._send(message)


def _is_plain(message: Message) -> bool:
    content_type: bytes = dict(message["headers"]).get(b"content-type", b"")
    return content_type.startswith(_PLAIN)
