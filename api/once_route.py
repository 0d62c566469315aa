"""Routes whose POST with an Idempotency-Key is done once (api/once.py)."""

import hashlib
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Annotated, Any

import structlog
from fastapi import Depends, Request, Response
from fastapi.routing import APIRoute

from api.caller import Participant, who_asks
from api.context import ApiContext, Context, SignedIn
from api.once import LONGEST, AskedOnce, key_used
from api.problem import ApiProblem
from api.turns import made_id
from data_layer.database.rows import Row
from data_layer.people.keyed_requests import KeyedClaim, KeyedRequests
from stages.chat.away import AWAY

log = structlog.get_logger(__name__)


@dataclass
class KeyedDeed:
    """What a route does that makes no row of its own by which a repetition would be known.

    Args:
        request_id: Of the participant, the address and the key.
        claim: What the database knows of it; None for a request without a key.
        answer: What the route wants to be told of it then, for it cannot be read anew; no words of anybody's.
    """

    request_id: str = ""
    claim: KeyedClaim | None = None
    answer: Row | None = None

    @property
    def before(self) -> KeyedClaim | None:
        """How it was answered, where it was done already: then the route tells how things stand now."""
        return self.claim if self.claim is not None and self.claim.what == "done" else None


async def _deed(request: Request, who: Participant, context: Context) -> KeyedDeed:
    key = request.headers.get("idempotency-key")
    if not key:
        return KeyedDeed()
    request_id = made_id(who.participant_id, request.url.path, key)
    claim = await _claim(context, who, request_id, await request.body())
    request.state.deed = deed = KeyedDeed(request_id, claim)
    return deed


Deed = Annotated[KeyedDeed, Depends(_deed)]
Answers = Callable[[Request], Coroutine[Any, Any, Response]]


class OnceRoute(APIRoute):
    """A route of the API whose POST with an Idempotency-Key is done once.

    One that takes a `Deed` is known by the database, and by every process, for a day (keyed_requests.py).
    """

    def get_route_handler(self) -> Answers:
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
                    response = await _seen_to_its_end(inner, request)
                except BaseException:
                    context.onces.forget(name)
                    raise
                _remember(asked, response)
                return response

        return once


async def _seen_to_its_end(inner: Answers, request: Request) -> Response:
    """Answer, and have the database know what became of a deed."""
    kept: KeyedRequests = request.app.state.api.record.keyed_requests
    try:
        response = await inner(request)
    except Exception:
        deed, claim = _claimed(request)
        if claim is not None and claim.what == "mine":
            await _keep(kept.let_go(deed.request_id, claim.claim_id))
        raise
    deed, claim = _claimed(request)
    if claim is not None and claim.what == "mine":
        await _keep(kept.done(deed.request_id, claim.claim_id, response.status_code, deed.answer))
    elif claim is not None and claim.what == "done":
        response.headers["idempotency-replayed"] = "true"
    return response


def _claimed(request: Request) -> tuple[KeyedDeed, KeyedClaim | None]:
    deed: KeyedDeed = getattr(request.state, "deed", None) or KeyedDeed()
    return deed, deed.claim


async def _claim(context: ApiContext, who: SignedIn, request_id: str, body: bytes) -> KeyedClaim:
    """Ask for it.

    Raises:
        ApiProblem: Somebody is just doing it, or its key was used for something else.
    """
    digest = hashlib.sha256(body).hexdigest()
    try:
        claim = await context.record.keyed_requests.claim(request_id, who.participant_id, digest)
    except AWAY as error:
        # Nothing of what such a route does is done while the database is away.
        log.warning("keyed_request_not_claimed", error_type=type(error).__name__)
        return KeyedClaim("under_way")
    if claim.what == "other":
        raise key_used()
    if claim.what == "under_way":
        detail = "This very request is just being done. Ask again in a second."
        raise ApiProblem(409, "under_way", detail, headers={"Retry-After": "1"})
    return claim


async def _keep(kept: Coroutine[Any, Any, None]) -> None:
    """Keep what became of it. Where that is not taken, a repetition finds what this process remembers."""
    try:
        await kept
    except AWAY as error:
        log.warning("keyed_request_not_kept", error_type=type(error).__name__)


def _remember(asked: AskedOnce, response: Response) -> None:
    body = getattr(response, "body", None)
    if isinstance(body, bytes) and len(body) <= LONGEST:
        asked.answer = (response.status_code, list(response.raw_headers), body)


def _again(status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> Response:
    response = Response(body, status)
    response.raw_headers = [*headers, (b"idempotency-replayed", b"true")]
    return response
