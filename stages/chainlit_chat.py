"""Between Chainlit's callbacks and the chat stage."""

import asyncio
from collections.abc import Coroutine
from typing import Any, cast

from chainlit.chat_context import chat_context
from chainlit.context import context
from chainlit.session import WebsocketSession
from chainlit.step import StepDict
from chainlit.types import ThreadDict

from data_layer.connections import Connections
from data_layer.page_shapes import step_dict
from data_layer.writes import Row
from stages.chainlit_screen import ChainlitScreen, later
from stages.chat import ChatStage
from stages.reply import Reply
from stages.spoken import Spoken


def page_session() -> WebsocketSession:
    """The page that Chainlit is serving: our callbacks are only ever called for a socket's."""
    return cast(WebsocketSession, context.session)


class ChainlitChat:
    """Turns what Chainlit calls into what the chat stage does.

    Args:
        stage: The chat stage.
        connections: Which connection a socket is.
    """

    def __init__(self, stage: ChatStage, connections: Connections) -> None:
        self._stage = stage
        self._connections = connections

    async def on_message(self, session: WebsocketSession, message_id: str, text: str) -> None:
        """A participant has written."""
        # From now on a reconnect re-reads the thread from the record (socket.py:219).
        session.thread_id_to_resume = session.thread_id
        await self._stage.hear(self._spoken(session, message_id, text), ChainlitScreen(session))

    async def on_edit(self, session: WebsocketSession, message_id: str, text: str) -> None:
        """A participant has edited a message."""
        spoken = self._spoken(session, message_id, text)
        await self._as_task(session, self._stage.edit(spoken, ChainlitScreen(session)))

    async def on_retry(self, session: WebsocketSession, message_id: str) -> None:
        """A participant has pressed Retry."""
        spoken = self._spoken(session, message_id, "")
        await self._as_task(session, self._stage.retry(spoken, ChainlitScreen(session)))

    def on_stop(self, session: WebsocketSession) -> bool:
        """A participant has pressed Stop."""
        return self._stage.stop(session.thread_id)

    async def on_resume(self, session: WebsocketSession, thread: ThreadDict) -> None:
        """A page opens a thread. `thread` is what Chainlit is about to send it.

        A reply that is being given goes on in the new page, from the very words that it starts with.
        """
        # Chainlit is about to add the thread's messages to it once more (socket.py:233).
        chat_context.clear()
        screen = ChainlitScreen(session)
        left = await self._stage.unanswered(session.thread_id)
        if left is not None:
            message, notice_id = left
            if notice_id is None:
                notice = await self._stage.interrupted_notice(message, _Silent(session))
                thread["steps"].append(cast(StepDict, step_dict(notice)))
                notice_id = notice["step_id"]
            later(screen.offer_retry(notice_id, message["step_id"]))
        reply = self._stage.running(session.thread_id)
        if reply is not None and isinstance(reply.screen, ChainlitScreen):
            reply.screen.join(session)
            shown = reply.shown
            if shown is not None:
                others = [step for step in thread["steps"] if step["id"] != shown["step_id"]]
                thread["steps"] = [*others, cast(StepDict, step_dict(shown))]
            later(_busy_until_ended(reply, screen))

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
        """Run a turn that did not come by Chainlit's process_message, with its two signals."""
        screen = ChainlitScreen(session)

        async def turn() -> None:
            await screen.busy(True)
            try:
                await work
            finally:
                await screen.busy(False)

        session.current_task = asyncio.create_task(turn())


async def _busy_until_ended(reply: Reply, screen: ChainlitScreen) -> None:
    """Chainlit tells only the page that the turn came from that it may write again."""
    await screen.busy(True)
    await reply.ended.wait()
    await screen.busy(False)


class _Silent(ChainlitScreen):
    """Keeps what is not to be sent twice: the thread that is about to go out holds it."""

    async def _emit(self, event: str, data: Row) -> None:
        return None
