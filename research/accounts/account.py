"""One's own account: password, one-time codes, and the browsers and programs that one is in with."""

from typing import Any, Final

import segno
from starlette.responses import Response
from starlette.routing import BaseRoute

from data_layer.people.researcher_tokens import LONGEST_NAME
from data_layer.people.totp import otpauth_address
from research.routing import ResearchRequest, ResearchRoutes
from study.errors import AccountError
from study.roles import ROLE_MEANS, SCOPE_MEANS, SCOPE_NEEDS, Right, TokenScope

# For how many days a token may be good, and how that is called.
TOKEN_LASTS: Final = {7: "a week", 30: "30 days", 90: "90 days", 365: "a year"}
_NEW_TOKEN: Final = {"name": "", "scopes": [TokenScope.THREADS], "days": "90"}
_WRONG_PASSWORD = "The present password is not right, so nothing was changed."  # noqa: S105  # a sentence
_WRONG_CODE = (
    "That code is not right. It changes every 30 seconds: type the one that the app shows now. When none is "
    "taken, the clock of the phone or of this server is wrong."
)


def routes(doors: ResearchRoutes) -> list[BaseRoute]:
    """The account page, for everybody."""
    enter = Right.ENTER
    return [
        doors.route("/account", _account, enter),
        doors.route("/account/password", _own_password, enter, methods=("POST",)),
        doors.route("/account/sessions/{session_id}/end", _end_session, enter, methods=("POST",)),
        doors.route("/account/codes/begin", _begin_codes, enter, methods=("POST",)),
        doors.route("/account/codes/confirm", _confirm_codes, enter, methods=("POST",)),
        doors.route("/account/codes/off", _codes_off, enter, methods=("POST",)),
    ]


async def _account(visit: ResearchRequest) -> Response:
    return await own_page(visit)


async def _own_password(visit: ResearchRequest) -> Response:
    people, me = visit.room.record.researchers, visit.researcher
    if (refused := await password_refused(visit, "old")) is not None:
        return refused
    try:
        await people.give_password(me.researcher_id, str((await visit.form()).get("new", ""))[:1000])
    except AccountError as error:
        return await own_page(visit, str(error), 400)
    await visit.note("own_password_changed")
    return visit.moved("/research/login")


async def _begin_codes(visit: ResearchRequest) -> Response:
    if (refused := await password_refused(visit, "password")) is not None:
        return refused
    await visit.room.record.one_time_codes.begin(visit.researcher.researcher_id)
    return visit.moved("/research/account#codes")


async def _confirm_codes(visit: ResearchRequest) -> Response:
    me = visit.researcher
    if (refused := await _throttled(visit)) is not None:
        return refused
    typed = str((await visit.form()).get("code", ""))[:100]
    if not await visit.room.record.one_time_codes.confirm(me.researcher_id, typed):
        return await own_page(visit, _WRONG_CODE, 400)
    await visit.note("own_codes_on")
    return visit.moved("/research/account#codes")


async def _codes_off(visit: ResearchRequest) -> Response:
    if (refused := await password_refused(visit, "password")) is not None:
        return refused
    await visit.note("own_codes_off")
    await visit.room.record.one_time_codes.turn_off(visit.researcher.researcher_id)
    return visit.moved("/research/account#codes")


async def _end_session(visit: ResearchRequest) -> Response:
    await visit.room.record.researchers.end(visit.path("session_id"), visit.researcher.researcher_id)
    await visit.note("own_session_ended")
    return visit.moved("/research/account")


async def password_refused(visit: ResearchRequest, field: str, **shown: Any) -> Response | None:
    """See that who asks knows the password of the account.

    Whoever sits at a browser that somebody left open does not change how its owner comes in.

    Args:
        visit: Who asks.
        field: Of the form, with the password.
        shown: What the page is drawn with besides, when it is refused.

    Returns:
        What is answered instead; None when they do.
    """
    if (refused := await _throttled(visit, **shown)) is not None:
        return refused
    given = str((await visit.form()).get(field, ""))[:1000]
    if await visit.room.record.researchers.with_password(visit.researcher.name, given) is None:
        return await own_page(visit, _WRONG_PASSWORD, 400, **shown)
    throttle, me = visit.room.throttle, visit.researcher.researcher_id
    throttle.forget(me)
    await visit.room.record.guesses.forget(*throttle.guesses_of("", me)[1:])
    return None


async def _throttled(visit: ResearchRequest, **shown: Any) -> Response | None:
    throttle, me = visit.room.throttle, visit.researcher.researcher_id
    wait = throttle.wait_s("", me) or await visit.room.record.guesses.wait_s(*throttle.guesses_of("", me)[1:])
    sentence = f"Too many attempts. Wait {wait} seconds, then try again."
    return await own_page(visit, sentence, 429, **shown) if wait else None


async def own_page(visit: ResearchRequest, problem: str = "", status: int = 200, **shown: Any) -> Response:
    """Draw the page.

    Args:
        visit: Whose it is.
        problem: Why something was not done.
        status: Of the answer.
        shown: Of its section of tokens: `made_token`, a new one with its name; `asked_token`, what a form
            that was refused had asked for.
    """
    record, me = visit.room.record, visit.researcher
    secret = await record.one_time_codes.waiting_secret(me.researcher_id)
    address = otpauth_address(secret, me.name, visit.room.study.definition.title) if secret else None
    return visit.draw(
        "account.html",
        status,
        problem=problem,
        sessions=await record.researchers.sessions_of(me.researcher_id),
        this=visit.session.session_id,
        means=ROLE_MEANS[me.role],
        secret=" ".join(secret[i : i + 4] for i in range(0, len(secret), 4)) if secret else None,
        # Black on white by night too: phones read no other.
        qr=segno.make(address, micro=False).svg_data_uri(scale=4, light="#fff") if address else None,
        tokens=await record.researcher_tokens.of(me.researcher_id),
        now=record.now(),
        lasts=TOKEN_LASTS,
        scopes={scope: means for scope, means in SCOPE_MEANS.items() if visit.may(SCOPE_NEEDS[scope])},
        longest_name=LONGEST_NAME,
        **({"made_token": None, "asked_token": _NEW_TOKEN} | shown),
    )
