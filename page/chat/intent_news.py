"""What became of intents beside any turn, told to the pages of their threads: of this process."""

import structlog

from data_layer.conversations import intents, threads
from data_layer.record import Record
from page.chat.page_hub import PageHub
from stages.chat.away import AWAY
from web.socket_events import ToPage

log = structlog.get_logger(__name__)


class IntentNews:
    """Tells pages that an intent was left (stages/chat/idle.py).

    Args:
        record: Read anew, so that what is told is what is kept.
        rooms: The pages.
    """

    def __init__(self, record: Record, rooms: PageHub) -> None:
        self._record = record
        self._rooms = rooms

    async def heard(self, thread_id: str) -> None:
        """Something has become of a thread's intents."""
        database = self._record.database
        try:
            owner = await threads.owner_of(database, thread_id)
            shown = await intents.shown(database, thread_id)
        except AWAY as error:
            log.warning("intent_news_not_read", error_type=type(error).__name__)
            return
        if owner is not None and shown is not None:
            news = {"thread": thread_id, "intents": shown}
            await self._rooms.tell((owner, thread_id), ToPage.INTENTS, news)
