"""What a signed-in participant asks of their own entry: their name, their resume code, to be signed out."""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from data_layer.people.claims import Claims
from page.chainlit.cookies import signed_in
from page.entry.door import SignInSession
from page.entry.form import EntryPage
from page.entry.posted import check_origin
from page.me.participant_request import ParticipantRequest, ParticipantRoutes, json_answer
from stages.entry.refusals import EntryRefused
from web.problem import json_problem


def account_routes(
    own: ParticipantRoutes,
    claims: Claims,
    door: SignInSession,
    show: EntryPage,
    allowed_origins: Sequence[str],
) -> list[BaseRoute]:
    """Make the routes.

    Args:
        own: Makes those below /me.
        claims: Knows the codes.
        door: Lets people out.
        show: Knows the visitor's language.
        allowed_origins: As for Login.
    """

    async def identity(asked: ParticipantRequest) -> Response:
        """Say the name, and the resume code: None where no other browser would be asked for it."""
        user = signed_in(asked.request)
        claimed = await claims.is_claimed(asked.participant_id)
        code = await claims.code_of(asked.participant_id) if claimed else None
        return json_answer({"name": user.display_name if user else None, "resume_code": code})

    async def logout(request: Request) -> Response:
        """Sign out, on the server too: Chainlit's (server.py:560) only takes the cookie away."""
        try:
            check_origin(request, allowed_origins)
        except EntryRefused as refused:
            return json_problem(refused.status, refused.sentence(show.strings_of(request)))
        response = JSONResponse({"success": True}, headers={"Cache-Control": "no-store"})
        await door.let_out(request, response)
        return response

    return [own.route("/me/identity", identity), Route("/logout", logout, methods=["POST"], name="logout")]
