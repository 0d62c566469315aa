"""One's own account: password, one-time codes, and the browsers that one is in with."""

import segno
from starlette.responses import Response
from starlette.routing import BaseRoute

from data_layer.people.totp import otpauth_address
from research.routing import ResearchRequest, ResearchRoutes
from study.errors import AccountError
from study.roles import ROLE_MEANS, Right

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
    return await _own(visit)


async def _own_password(visit: ResearchRequest) -> Response:
    people, me = visit.room.record.researchers, visit.researcher
    if (refused := await _password_refused(visit, "old")) is not None:
        return refused
    try:
        await people.give_password(me.researcher_id, str((await visit.form()).get("new", ""))[:1000])
    except AccountError as error:
        return await _own(visit, str(error), 400)
    await visit.note("own_password_changed")
    return visit.moved("/research/login")


async def _begin_codes(visit: ResearchRequest) -> Response:
    if (refused := await _password_refused(visit, "password")) is not None:
        return refused
    await visit.room.record.one_time_codes.begin(visit.researcher.researcher_id)
    return visit.moved("/research/account#codes")


async def _confirm_codes(visit: ResearchRequest) -> Response:
    me = visit.researcher
    if (refused := await _throttled(visit)) is not None:
        return refused
    typed = str((await visit.form()).get("code", ""))[:100]
    if not await visit.room.record.one_time_codes.confirm(me.researcher_id, typed):
        return await _own(visit, _WRONG_CODE, 400)
    await visit.note("own_codes_on")
    return visit.moved("/research/account#codes")


async def _codes_off(visit: ResearchRequest) -> Response:
    if (refused := await _password_refused(visit, "password")) is not None:
        return refused
    await visit.note("own_codes_off")
    await visit.room.record.one_time_codes.turn_off(visit.researcher.researcher_id)
    return visit.moved("/research/account#codes")


async def _end_session(visit: ResearchRequest) -> Response:
    await visit.room.record.researchers.end(visit.path("session_id"), visit.researcher.researcher_id)
    await visit.note("own_session_ended")
    return visit.moved("/research/account")


async def _password_refused(visit: ResearchRequest, field: str) -> Response | None:
    """Whoever sits at a browser that somebody left open does not change how its owner comes in."""
    if (refused := await _throttled(visit)) is not None:
        return refused
    given = str((await visit.form()).get(field, ""))[:1000]
    if await visit.room.record.researchers.with_password(visit.researcher.name, given) is None:
        return await _own(visit, _WRONG_PASSWORD, 400)
    return None


async def _throttled(visit: ResearchRequest) -> Response | None:
    wait = visit.room.throttle.wait_s("", visit.researcher.researcher_id)
    return (
        await _own(visit, f"Too many attempts. Wait {wait} seconds, then try again.", 429) if wait else None
    )


async def _own(visit: ResearchRequest, problem: str = "", status: int = 200) -> Response:
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
    )
