"""How much a participant, and an address, may ask for in a minute; every answer says how much is left.

RateLimit and RateLimit-Policy: https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/.
How fast agents may be made to answer is another limit, the page's own (study/pace.py).
"""

from typing import Final

from limits import RateLimitItem, RateLimitItemPerMinute
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problem import ApiProblem, answer
from web.guards import say_why
from web.rate_limit import RateLimit, SpentLimit, address_of

# A program that follows ten threads and reads pages of them asks some hundred times in a minute.
PARTICIPANT: Final = RateLimitItemPerMinute(600, namespace="participant")
# A researcher's program that reads a study thread by thread takes ten in a second.
TOKEN: Final = RateLimitItemPerMinute(600, namespace="token")
# A school behind one router: as many programs as it has pupils.
ADDRESS: Final = RateLimitItemPerMinute(6_000, namespace="address")

_SPENT: Final = "verbatim.spent"


class AddressLimit:
    """ASGI middleware: counts what comes from one address, and tells each answer what is left.

    Args:
        app: What stands behind it.
        per_minute: How much one address has.
    """

    def __init__(self, app: ASGIApp, per_minute: RateLimitItem = ADDRESS) -> None:
        self._app = app
        self._limit = RateLimit()
        self._item = per_minute

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, or say when to ask again."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        spent = scope[_SPENT] = [self._limit.spend(self._item, address_of(HTTPConnection(scope)))]

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                _tell(MutableHeaders(scope=message), spent)
            await send(message)

        if not spent[0].allowed:
            say_why(scope, "too fast")
            problem = _too_fast(spent[0])
            refusal = answer(problem.status, problem.code, problem.detail, (), problem.headers)
            await refusal(scope, receive, told)
            return
        await self._app(scope, receive, told)


class CallerLimit:
    """Counts what one who is in asks for."""

    def __init__(self, per_minute: RateLimitItem = PARTICIPANT) -> None:
        self._limit = RateLimit()
        self._item = per_minute

    def spend(self, connection: HTTPConnection, who: str) -> None:
        """Count a request.

        Args:
            connection: It; its answer will say what is left.
            who: Whose it is.

        Raises:
            ApiProblem: It is one too many.
        """
        allowance = self._limit.spend(self._item, who)
        connection.scope.setdefault(_SPENT, []).append(allowance)
        if not allowance.allowed:
            raise _too_fast(allowance)


def _too_fast(allowance: SpentLimit) -> ApiProblem:
    wait = str(allowance.reset_s)
    detail = f"That was too much in a short time. Go on in {wait} seconds."
    return ApiProblem(429, "too_fast", detail, headers={"Retry-After": wait})


def _tell(headers: MutableHeaders, spent: list[SpentLimit]) -> None:
    policies = [f'"{one.name}";q={one.limit};w={one.window_s}' for one in spent]
    left = [f'"{one.name}";r={one.remaining};t={one.reset_s}' for one in spent]
    headers["RateLimit-Policy"] = ", ".join(policies)
    headers["RateLimit"] = ", ".join(left)
