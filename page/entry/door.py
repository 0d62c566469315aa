"""Lets somebody in, and out again: the sign-in, its cookie, and the pages that are open under it."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from data_layer.people.participants import Participant
from data_layer.people.sign_ins import SignIns
from page.chainlit import cookies

ClosePages = Callable[[str], Awaitable[None]]


class SignInSession:
    """Begins and ends sign-ins.

    Args:
        sign_ins: Where they are kept.
        close_pages: Closes the pages that are open under a sign-in.
    """

    def __init__(self, sign_ins: SignIns, close_pages: ClosePages) -> None:
        self._sign_ins = sign_ins
        self._close_pages = close_pages

    async def let_in(self, request: Request, participant: Participant, mode: str, browser: str) -> Response:
        """Lead somebody to the chat. Who was in as somebody else is that no longer.

        Args:
            request: Whose cookies are theirs.
            participant: As whom.
            mode: The study's way in.
            browser: Its id.
        """
        response = RedirectResponse("/", 303, {"Cache-Control": "no-store"})
        cookies.know_browser(request, response, browser)
        user = cookies.signed_in(request)
        # A second tab goes on with the first one's sign-in, so that signing out ends both.
        if user is not None and user.identifier == participant.participant_id:
            return response
        await self._end(request)
        sign_in_id = await self._sign_ins.begin(participant.participant_id, mode, cookies.lasts())
        cookies.sign_in(
            request,
            response,
            participant_id=participant.participant_id,
            shown_name=participant.shown_name,
            sign_in_id=sign_in_id,
        )
        return response

    async def let_out(self, request: Request, response: Response) -> None:
        """End the sign-in of a request, here and in the browser."""
        await self._end(request)
        cookies.sign_out(request, response)

    async def _end(self, request: Request) -> None:
        user = cookies.signed_in(request)
        sign_in_id = cookies.sign_in_of(user) if user else None
        if sign_in_id is None:
            return
        await self._sign_ins.end(sign_in_id)
        await self._close_pages(sign_in_id)
