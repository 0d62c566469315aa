"""Tokens that programs of one's own come in with: made, shown once, revoked."""

from datetime import timedelta
from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from research.accounts.account import TOKEN_LASTS, own_page, password_refused
from research.routing import ResearchRequest, ResearchRoutes
from study.errors import AccountError
from study.roles import Right, TokenScope
from web.problem import HttpProblem

_LONGEST_READ: Final = 1_000


def routes(doors: ResearchRoutes) -> list[BaseRoute]:
    """Making one, and revoking it; they are listed on the account's page."""
    enter, post = Right.ENTER, ("POST",)
    return [
        doors.route("/account/tokens", _make, enter, methods=post),
        doors.route("/account/tokens/{token_id}/revoke", _revoke, enter, methods=post),
    ]


async def _make(visit: ResearchRequest) -> Response:
    form = await visit.form()
    name = str(form.get("name", ""))[:_LONGEST_READ]
    scopes = [scope for scope in TokenScope if scope.value in form.getlist("scope")]
    asked = {"name": name, "scopes": scopes, "days": str(form.get("days", ""))}
    if (refused := await password_refused(visit, "password", asked_token=asked)) is not None:
        return refused
    lasts = next((days for days in TOKEN_LASTS if str(days) == asked["days"]), None)
    if lasts is None:
        raise HttpProblem(400, f"Choose for how long: {', '.join(TOKEN_LASTS.values())}.")
    tokens, me = visit.room.record.researcher_tokens, visit.researcher
    try:
        token = await tokens.make(me.researcher_id, name, scopes, timedelta(days=lasts))
    except AccountError as error:
        return await own_page(visit, str(error), 400, asked_token=asked)
    name = " ".join(name.split())
    await visit.note("token_made", name, scopes=[scope.value for scope in scopes], days=lasts)
    return await own_page(visit, made_token=(name, token))


async def _revoke(visit: ResearchRequest) -> Response:
    tokens, me = visit.room.record.researcher_tokens, visit.researcher
    name = await tokens.revoke(visit.path("token_id"), me.researcher_id)
    if name is None:
        raise HttpProblem(404, "There is no such token of yours. Perhaps it was revoked in another window.")
    await visit.note("token_revoked", name)
    return visit.moved("/research/account#tokens")
