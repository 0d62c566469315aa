"""Coming in and going out: a name, or what the study asks for besides, against a token."""

import hashlib
import hmac
import secrets
from typing import Annotated

from fastapi import APIRouter, Form, Header, Request, Response
from pydantic import BaseModel, Field

from api.caller import Leaving
from api.common import IdempotencyKey
from api.context import ApiContext, Context, SignedIn
from api.problem import ApiProblem
from api.tokens import ACCESS_LASTS, make_token, read_token
from data_layer.people.links import link_in
from data_layer.people.participants import Participant as Person
from stages.entry.parameters import LONGEST_VALUE, parameters_in
from stages.entry.ways import Ways
from study.names import NameRefused
from study.participation import LoginMode
from web.problem import HttpProblem

router = APIRouter(tags=["Coming in"])


LoginKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        description="A random text, new for each sign-in, that nobody can guess: sent again with it, the "
        "same name is claimed once, and its code is told once more.",
        min_length=32,
        max_length=255,
    ),
]


class Tokens(BaseModel):
    """What lets a program in."""

    access_token: str = Field(description="For the header Authorization: Bearer.")
    token_type: str = Field("bearer", description="Always bearer.")
    expires_in: int = Field(description="For how many seconds the access token is good.")
    refresh_token: str = Field(description="For POST /auth/refresh, until the sign-in ends.")
    participant_id: str = Field(description="The participant's pseudonym.")
    resume_code: str | None = Field(
        None, description="The password of this name from now on, where names are claimed."
    )


class Recruited(BaseModel):
    """Who comes from a recruiting service."""

    parameters: dict[str, Annotated[str, Field(max_length=LONGEST_VALUE)]] = Field(
        max_length=50,
        description="As the service adds them to the address; GET /study lists those that count, and the "
        "first of them names the person.",
        examples=[{"PROLIFIC_PID": "5f2c1a", "STUDY_ID": "64ab", "SESSION_ID": "77c0"}],
    )
    code: Annotated[str, Field(max_length=1_000)] = Field(
        "", description="The resume code, from the second time on."
    )


@router.post("/auth/login", summary="Sign in")
async def login(
    request: Request,
    context: Context,
    username: Annotated[str, Form(max_length=1_000, description="The participant's name.")] = "",
    password: Annotated[str, Form(max_length=1_000, description="A code or password, if it needs one.")] = "",
    grant_type: Annotated[str, Form(description="password, as OAuth 2 has it.")] = "password",
    key: LoginKey = None,
) -> Tokens:
    """Come in by the study's own way, in the shape of OAuth 2's password flow.

    `claim`: a new name is claimed, whatever `password` holds, and the answer carries its resume code; from
    then on the code is the password. `open`: any name. `password`: an account. `link`: `password` is the
    token of a personal link, the part behind /enter/.
    """
    if grant_type != "password":
        raise ApiProblem(422, "no_such_grant", "Only the password flow is there.", field="body.grant_type")
    context.throttle.by_address(request)
    mode = LoginMode(context.study.definition.login.mode)
    ways = Ways(context.record, context.throttle)
    try:
        browser = _browser(context, username, password, key)
        person = await _person(ways, mode, username, password, context, browser)
    except NameRefused as refused:
        raise HttpProblem(422, refused.key, **refused.values) from None
    return await _let_in(context, person, mode, holds=mode is LoginMode.CLAIM)


@router.post("/auth/enter", summary="Come from a recruiting service")
async def enter(request: Request, context: Context, came: Recruited, key: LoginKey = None) -> Tokens:
    """Come in by what a recruiting service adds to the address `/enter`, where the study's way in is `link`.

    Whom the first parameter names is claimed by whoever comes first: the answer carries a resume code, and
    from then on nobody comes in by that name without it.
    """
    login = context.study.definition.login
    if LoginMode(login.mode) is not LoginMode.LINK:
        detail = "Nobody comes to this study from a recruiting service: POST /auth/login."
        raise ApiProblem(409, "another_way", detail)
    context.throttle.by_address(request)
    given = parameters_in(login.parameters, came.parameters.items())
    told = "\n".join(f"{name} {value}" for name, value in sorted(given.items()))
    browser = _browser(context, told, came.code, key)
    ways = Ways(context.record, context.throttle)
    person = await ways.by_parameters(login.parameters, given, came.code, browser, stays=False)
    return await _let_in(context, person, LoginMode.LINK, holds=True)


@router.post("/auth/refresh", summary="Get a new token")
async def refresh(
    context: Context,
    refresh_token: Annotated[str, Form(max_length=4_000)],
    key: IdempotencyKey = None,
) -> Tokens:
    """Get a new access token before the old one ends, or after; the sign-in must still hold."""
    who = read_token(context.secret, refresh_token, "refresh", context.record.now())
    if who is None or not await context.record.sign_ins.holds(who.sign_in_id, who.participant_id):
        raise ApiProblem(401, "signed_out", "This token has ended. Sign in again: POST /auth/login.")
    return _tokens(context, who)


@router.post("/auth/logout", summary="Sign out", status_code=204)
async def logout(who: Leaving, context: Context, key: IdempotencyKey = None) -> Response:
    """End the sign-in, and with it every token and every open stream of it; under a key also once more."""
    if who is not None:
        await context.record.sign_ins.end(who.sign_in_id)
    return Response(status_code=204)


async def _let_in(context: ApiContext, person: Person, mode: LoginMode, *, holds: bool) -> Tokens:
    """Begin a sign-in; with the resume code, where one is asked for from now on."""
    sign_in_id = await context.record.sign_ins.begin(person.participant_id, mode, context.lasts)
    tokens = _tokens(context, SignedIn(person.participant_id, sign_in_id))
    claims = context.record.claims
    if holds and await claims.is_claimed(person.participant_id):
        tokens.resume_code = await claims.code_of(person.participant_id)
    return tokens


async def _person(
    ways: Ways, mode: LoginMode, name: str, secret: str, context: ApiContext, browser: str
) -> Person:
    if mode is LoginMode.LINK:
        link_id = link_in(secret, secret=context.secret, study_id=context.study.definition.id)
        if link_id is None:
            raise HttpProblem(404, "entry.link_broken")
        return await ways.by_link(link_id)
    # A program keeps no cookie: it is a new browser each time, and shows the code.
    return await ways.by_name(mode, name, secret, browser, stays=False)


def _browser(context: ApiContext, name: str, password: str, key: str | None) -> str:
    """What a new name is claimed for: sent again under its key, the claim is the same one's."""
    if key is None:
        return secrets.token_urlsafe(32)
    told = "\n".join(("sign in", name, password, key)).encode()
    return hmac.new(context.secret.encode(), told, hashlib.sha256).hexdigest()


def _tokens(context: ApiContext, who: SignedIn) -> Tokens:
    now = context.record.now()
    return Tokens(
        access_token=make_token(context.secret, who, "access", now, ACCESS_LASTS),
        expires_in=int(ACCESS_LASTS.total_seconds()),
        refresh_token=make_token(context.secret, who, "refresh", now, context.lasts),
        participant_id=who.participant_id,
    )
