"""What became of intents beside any turn, told to all who look at their threads: of this process."""

import structlog

from data_layer.conversations import intents, threads
from data_layer.record import Record
from stages.chat.audiences import Audiences
from stages.chat.away import AWAY
from study.strings import Strings

log = structlog.get_logger(__name__)


class IntentNews:
    """Tells those at every door that an intent was left (stages/chat/idle.py).

    Args:
        record: Read anew, so that what is told is what is kept.
        audiences: Who looks at what.
        strings: The study's own language: nothing of it is shown here.
    """

    def __init__(self, record: Record, audiences: Audiences, strings: Strings) -> None:
        self._record = record
        self._audiences = audiences
        self._strings = strings

    async def heard(self, thread_id: str) -> None:
        """Something has become of a thread's intents."""
        database = self._record.database
        try:
            owner = await threads.owner_of(database, thread_id)
            if owner is None or not self._audiences.screens(owner, thread_id, self._strings):
                return
            shown = await intents.shown(database, thread_id)
        except AWAY as error:
            log.warning("intent_news_not_read", error_type=type(error).__name__)
            return
        if shown is not None:
            for screen in self._audiences.screens(owner, thread_id, self._strings):
                await screen.show_intents(thread_id, shown)
