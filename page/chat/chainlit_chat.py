"""Between Chainlit's callbacks and the chat stage."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, cast

import structlog
from chainlit.chat_context import chat_context
from chainlit.context import context
from chainlit.session import WebsocketSession
from chainlit.types import ThreadDict

from data_layer.chainlit.shapes import step_dict
from data_layer.conversations.connections import Connections
from page.chat.chainlit_screen import ChainlitScreen
from page.chat.page_hub import PageHub
from page.chat.room_screen import limits_shape
from stages.chat.away import AWAY
from stages.chat.forms import FormSent
from stages.chat.left import Left
from stages.chat.stage import ChatStage
from stages.screen import Screen
from stages.spoken import Spoken
from study.language import language_for
from study.strings import Strings, strings_in
from web.socket_events import ToPage

log = structlog.get_logger(__name__)


def page_session() -> WebsocketSession:
    """The page that Chainlit is serving: our callbacks are only ever called for a socket's."""
    return cast(WebsocketSession, context.session)


class ChainlitChat:
    """Turns what Chainlit calls into what the chat stage does.

    Args:
        stage: The chat stage.
        connections: Which connection a socket is.
        language: The study's own; None where each participant's browser chooses.
    """

    def __init__(self, stage: ChatStage, connections: Connections, language: str | None = None) -> None:
        self._stage = stage
        self._connections = connections
        self._language = language
        self.rooms = PageHub()
        stage.audiences.join(self.rooms)

    async def files_of(
        self, session: WebsocketSession, message_id: str, references: Sequence[str]
    ) -> tuple[str, ...]:
        """The uploads that come with a message: those that are its participant's.

        Raises:
            WriteRefused: They are more than a message may have.
        """
        participant_id = session.user.identifier if session.user else ""
        return await self._stage.files.known(participant_id, message_id, references)

    async def on_message(
        self, session: WebsocketSession, message_id: str, text: str, files: tuple[str, ...] = ()
    ) -> None:
        """A participant has written.

        Chainlit's own way (socket.py:308) would keep the message a second time, and in its chat context
        for as long as the page is open; nothing of that is needed.
        """
        if await self._is_over(session, message_id):
            return
        # From now on a reconnect re-reads the thread from the record (socket.py:219).
        session.thread_id_to_resume = session.thread_id
        spoken = replace(self._spoken(session, message_id, text), files=files)
        await self._as_task(session, self._stage.hear(spoken, self._shown(session)))

    async def on_edit(self, session: WebsocketSession, message_id: str, text: str) -> None:
        """A participant has edited a message."""
        spoken = self._spoken(session, message_id, text)
        await self._as_task(session, self._stage.edit(spoken, self._shown(session)))

    async def on_form(self, session: WebsocketSession, message_id: str, sent: FormSent) -> None:
        """A participant has sent a form."""
        session.thread_id_to_resume = session.thread_id
        spoken = self._spoken(session, message_id, "")
        await self._as_task(session, self._stage.answer_form(spoken, sent, self._shown(session)))

    async def on_retry(self, session: WebsocketSession, message_id: str) -> None:
        """A participant has pressed Retry."""
        spoken = self._spoken(session, message_id, "")
        await self._as_task(session, self._stage.retry(spoken, self._shown(session)))

    async def on_again(self, session: WebsocketSession, step_id: str) -> None:
        """A participant wants another answer."""
        spoken = self._spoken(session, step_id, "")
        await self._as_task(session, self._stage.again(spoken, self._shown(session)))

    async def on_branch(self, session: WebsocketSession, step_id: str, number: int) -> None:
        """A participant walks to another wording, or another answer."""
        spoken = self._spoken(session, step_id, "")
        await self._as_task(session, self._stage.show_branch(spoken, number, self._shown(session)))

    async def on_offer(self, session: WebsocketSession, intent_id: str, goes_on: bool) -> None:
        """A participant says whether they go on with what they had left."""
        self.rooms.enter(session)
        spoken = self._spoken(session, "", "")
        await self._stage.answer_offer(spoken, intent_id, self._shown(session), goes_on=goes_on)

    def on_stop(self, session: WebsocketSession) -> bool:
        """A participant has pressed Stop."""
        return self._stage.stop(session.thread_id)

    def on_opening(self, session: WebsocketSession) -> None:
        """A page is about to be sent its thread, if it has one."""
        if session.thread_id_to_resume:
            self.rooms.enter(session, reading=True)

    async def on_resume(self, session: WebsocketSession, thread: ThreadDict) -> None:
        """A page opens a thread. `thread` is what Chainlit is about to send it.

        A reply that is being given goes on in the new page, from the very words that it starts with.
        """
        # Chainlit is about to add the thread's messages to it once more (socket.py:233).
        chat_context.clear()
        self.rooms.enter(session)
        await self._offer_what_is_left(session)
        reply = self._stage.running(session.thread_id)
        shown = [step_dict(row) for row in reply.shown] if reply is not None else []
        # From here to the sending of the thread nothing else runs: what is told meanwhile is held.
        steps = cast(dict[str, Any], thread)
        self.rooms.catch_up(session, steps, shown)
        if self._stage.under_way(session.thread_id):
            # Chainlit tells only the page that the turn came from whether it may write.
            self.rooms.tell_next(session, "task_start", {})

    async def on_opened(self, session: WebsocketSession) -> None:
        """A page has been sent its thread, or has none."""
        await self.rooms.open(session)
        left = await self._left(session)
        if left is not None:
            await self.rooms.tell_page(session, ToPage.LIMITS, limits_shape(left))

    async def _is_over(self, session: WebsocketSession, shown_id: str) -> bool:
        """Whether a limit is reached. Then the page takes the words back into its field, and says why."""
        left = await self._left(session)
        if left is None or left.over is None:
            return False
        await self.rooms.tell_page(session, ToPage.LIMITS, limits_shape(left, shown_id))
        await self.rooms.tell_page(session, "delete_message", {"id": shown_id})
        await self.rooms.tell_page(session, "task_end", {})
        return True

    async def _left(self, session: WebsocketSession) -> Left | None:
        """What is left to a page's participant; None without limits, and while the database is away."""
        if not self._stage.limits.asks:
            return None
        whose = session.user.identifier if session.user else ""
        try:
            return await self._stage.limits.left(session.thread_id, whose)
        except AWAY as error:
            log.warning("limits_unreadable", error_type=type(error).__name__)
            return None

    def on_gone(self, session: WebsocketSession) -> None:
        """A page's socket has closed."""
        self.rooms.leave(session)

    def screen(self, session: WebsocketSession) -> ChainlitScreen:
        """All pages of the thread that a page shows: what is changed there is shown by this."""
        return self.rooms.screen(session, self.strings_of(session))

    def _shown(self, session: WebsocketSession) -> Screen:
        """As screen; and whoever looks at the thread by another door."""
        whose = session.user.identifier if session.user else ""
        return self._stage.audiences.shared(self.screen(session), self.rooms, whose, session.thread_id)

    async def _busy_at_other_doors(self, session: WebsocketSession, strings: Strings, working: bool) -> None:
        whose = session.user.identifier if session.user else ""
        thread_id = session.thread_id
        await self._stage.audiences.busy(self.rooms, whose, thread_id, strings, working=working)

    async def _offer_what_is_left(self, session: WebsocketSession) -> None:
        """Offer a Retry under a message whose answer broke off; the first page to come says that it did."""
        left = await self._stage.left_unanswered(session.thread_id, self._shown(session))
        if left is not None and not left.is_new:
            await self.screen(session).offer_retry_here(left.notice_id, left.message_id)

    def strings_of(self, session: WebsocketSession) -> Strings:
        """What the app says, in the language of a page's participant."""
        names = {"accept-language": "HTTP_ACCEPT_LANGUAGE", "cookie": "HTTP_COOKIE"}
        headers = {name: str(session.environ.get(given, "")) for name, given in names.items()}
        return strings_in(language_for(headers, self._language))

    def _spoken(self, session: WebsocketSession, message_id: str, text: str) -> Spoken:
        return Spoken(
            thread_id=session.thread_id,
            participant_id=session.user.identifier if session.user else "",
            message_id=message_id,
            text=text,
            agent=session.chat_profile,
            connection_id=self._connections.id_of(session.socket_id),
        )

    async def _as_task(self, session: WebsocketSession, work: Coroutine[Any, Any, None]) -> None:
        """Run a turn, and tell its page when it begins and ends."""
        self.rooms.enter(session)
        screen = self.screen(session)

        async def turn() -> None:
            await screen.busy_here(True)
            try:
                async with self._turn(session):
                    await work
            except Exception as error:  # Whatever it is: the participant must not wait for nothing.
                log.exception("turn_failed", error_type=type(error).__name__)
                await screen.say(screen.strings("page.failed"))
            finally:
                await screen.busy_here(False)

        session.current_task = asyncio.create_task(turn())

    @asynccontextmanager
    async def _turn(self, session: WebsocketSession) -> AsyncIterator[None]:
        """Show the other pages of the thread that the agent is at work, and that it is done."""
        screen = self.screen(session)
        await screen.busy_elsewhere(True)
        await self._busy_at_other_doors(session, screen.strings, True)
        try:
            yield
        finally:
            if self._stage.under_way(session.thread_id):
                # Another page has spoken as well: this one, which is now told that it may write, may not.
                self.rooms.tell_next(session, "task_start", {})
            else:
                await screen.busy(False)
                await self._busy_at_other_doors(session, screen.strings, False)
