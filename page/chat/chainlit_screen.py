"""The screen of a turn that came from one of Chainlit's pages: that page is told what is for it alone."""

from collections.abc import Mapping

from chainlit.session import WebsocketSession

from data_layer.chainlit.shapes import step_dict
from data_layer.database.rows import Row
from page.chat.room_screen import Pages, RoomScreen, at_work, retry_button
from study.strings import Strings
from web.socket_events import ToPage


class ChainlitScreen(RoomScreen):
    """Shows a thread to every page that has it open, and passing lines to the one that asked.

    Args:
        pages: Where they are.
        room: Which of them are meant.
        strings: In their participant's language.
        session: The page that the turn came from.
    """

    def __init__(
        self, pages: Pages, room: tuple[str, str], strings: Strings, session: WebsocketSession
    ) -> None:
        super().__init__(pages, room, strings)
        self._session = session

    async def kept(self, message: Row) -> None:
        """Tell the page that its message is kept, and show that to the participant's other pages.

        With the first of a thread the page learns that there is one: it takes its address, and its list
        is read anew (Chainlit's emitter.py:258 tells it so).
        """
        if not self._session.has_first_interaction:
            self._session.has_first_interaction = True
            begun = {"interaction": message["output"], "thread_id": self._session.thread_id}
            await self._pages.tell_page(self._session, "first_interaction", begun)
        await self._pages.tell_page(self._session, ToPage.KEPT, {"id": message["step_id"]})
        await self._pages.tell(self._room, "new_message", step_dict(message), but=self._session)

    async def form_refused(self, form_id: str, errors: Mapping[str, Row]) -> None:
        """Say on the page that sent a form that it was not kept, and why."""
        refused = {"id": form_id, "errors": dict(errors)}
        await self._pages.tell_page(self._session, ToPage.FORM_REFUSED, refused)

    async def offer_retry_here(self, notice_id: str, message_id: str) -> None:
        """As offer_retry, on the page that the turn came from."""
        for event, data in retry_button(notice_id, message_id, self.strings("chat.retry")):
            await self._pages.tell_page(self._session, event, data)

    async def busy_elsewhere(self, working: bool) -> None:
        """As busy, on the other pages."""
        await self._pages.tell(self._room, at_work(working), {}, but=self._session)

    async def busy_here(self, working: bool) -> None:
        """As busy, on the page that the turn came from."""
        await self._pages.tell_page(self._session, at_work(working), {})

    async def say(self, text: str) -> None:
        """Show a passing line."""
        await self._pages.tell_page(self._session, "toast", {"message": text, "type": "info"})
