"""Routes whose POST with an Idempotency-Key is done once (api/once.py)."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from api.caller import who_asks
from api.once import LONGEST


class OnceRoute(APIRoute):
    """A route of the API whose POST with an Idempotency-Key is done once."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """As FastAPI calls it."""
        inner = super().get_route_handler()
        if not self.methods or "POST" not in self.methods:
            return inner

        async def once(request: Request) -> Response:
            key = request.headers.get("idempotency-key")
            context = request.app.state.api
            who = await who_asks(request, context) if key else None
            if who is None:
                return await inner(request)
            name = f"{who.participant_id} {request.url.path} {key}"
            async with context.onces.lock(name):
                asked = context.onces.asked(name, await request.body())
                if asked.answer is not None:
                    return _again(*asked.answer)
                try:
                    response = await inner(request)
                except BaseException:
                    context.onces.forget(name)
                    raise
                body = getattr(response, "body", None)
                if isinstance(body, bytes) and len(body) <= LONGEST:
                    asked.answer = (response.status_code, list(response.raw_headers), body)
                return response

        return once


def _again(status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> Response:
    response = Response(body, status)
    response.raw_headers = [*headers, (b"idempotency-replayed", b"true")]
    return response
