"""Who asks: a participant with a token, or with the page's own cookie."""

from typing import Annotated, Final

from fastapi import Depends, Request
from fastapi.security import OAuth2PasswordBearer
from starlette.requests import HTTPConnection

from api.context import MOUNTED_AT, ApiContext, Context, SignedIn
from api.problem import ApiProblem
from api.tokens import read_token
from web.guards import SAFE
from web.origin import is_own

_FLOW: Final = OAuth2PasswordBearer(
    tokenUrl=f"{MOUNTED_AT}/auth/login",
    refreshUrl=f"{MOUNTED_AT}/auth/refresh",
    auto_error=False,
    description="A participant's token, from POST /auth/login.",
)
_CHALLENGE: Final = {"WWW-Authenticate": "Bearer"}


async def who_asks(connection: HTTPConnection, context: ApiContext) -> SignedIn | None:
    """Who a request or a socket is from, if they still are in.

    Raises:
        SQLAlchemyError: The database is away, and this process has never met the sign-in.
    """
    who = _named(connection, context)
    if who is None or not await context.record.sign_ins.holds(who.sign_in_id, who.participant_id):
        return None
    return who


def _named(connection: HTTPConnection, context: ApiContext) -> SignedIn | None:
    """Whom a token or a cookie of ours names, whether their sign-in goes on or has ended."""
    token = bearer_of(connection)
    if token is not None:
        return read_token(context.secret, token, "access", context.record.now())
    named = context.read_cookie(connection)
    return SignedIn(*named) if named else None


async def still_in(context: ApiContext, who: SignedIn) -> bool:
    """Whether a sign-in still holds: asked while a stream is open.

    Raises:
        SQLAlchemyError: The database is away, and this process has never met the sign-in.
    """
    return await context.record.sign_ins.holds(who.sign_in_id, who.participant_id)


def bearer_of(connection: HTTPConnection) -> str | None:
    """The token of the header Authorization; None without one."""
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None


async def _participant(
    request: Request, context: Context, _token: Annotated[str | None, Depends(_FLOW)]
) -> SignedIn:
    who = await who_asks(request, context)
    if who is None:
        raise ApiProblem(
            401, "signed_out", "Sign in first: POST /auth/login gives a token.", headers=_CHALLENGE
        )
    context.asked.spend(request, who.participant_id)
    if bearer_of(request) is None:
        check_own_page(request, context)
    return who


def check_own_page(request: Request, context: ApiContext) -> None:
    """See that a request with a cookie comes from a page of ours: a cookie is sent along from any page.

    Raises:
        ApiProblem: It does not say so, and would change something.
    """
    if request.method in SAFE:
        return
    origin = request.headers.get("origin")
    if origin is None or not is_own(origin, request.headers.get("host", ""), context.origins):
        raise ApiProblem(
            403,
            "other_site",
            "With a cookie, requests that change something must name this server's own Origin. "
            "Programs send a token instead.",
        )


async def _leaving(
    request: Request, context: Context, token: Annotated[str | None, Depends(_FLOW)]
) -> SignedIn | None:
    try:
        return await _participant(request, context, token)
    except ApiProblem as problem:
        if problem.status == 401 and request.headers.get("idempotency-key") and _named(request, context):
            return None
        raise


Participant = Annotated[SignedIn, Depends(_participant)]
# Who signs out; None for who is out already, by the same request sent before under its Idempotency-Key.
Leaving = Annotated[SignedIn | None, Depends(_leaving)]
