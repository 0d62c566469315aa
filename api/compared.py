"""An edit under If-Match: compared where it is carried out, before the status of its answer is known."""

import asyncio

from api.common import changed, is_as_read
from data_layer.database.alone import alone
from data_layer.database.engine import Database
from data_layer.database.rows import Row
from stages.chat.away import AWAY
from web.background import later


class ComparedEdit:
    """What the stage asks before it changes a message (stages/chat/as_read.py).

    Args:
        expected: The header If-Match; None where any version will do.
    """

    def __init__(self, expected: str | None) -> None:
        self._expected = expected
        self._stood = True
        self._is_known = asyncio.Event()

    async def hold(self, database: Database, name: str) -> None:
        """Keep other processes from it until it is compared and changed, or is not.

        Raises:
            SQLAlchemyError: The database is away.
            OSError: Likewise.
        """
        held: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        later(self._hold(database, name, held))
        await held

    async def _hold(self, database: Database, name: str, held: "asyncio.Future[None]") -> None:
        try:
            async with alone(database, name):
                if held.done():
                    return  # Who asked has gone.
                held.set_result(None)
                await self._is_known.wait()
        except AWAY as error:
            if not held.done():
                held.set_exception(error)

    def stands(self, message: Row) -> bool:
        """Whether the message is as it was read."""
        self._stood = is_as_read(message, self._expected)
        if not self._stood:
            self._is_known.set()
        return self._stood

    def taken(self) -> None:
        """It is changed: nobody else's edit has this version any more."""
        self._is_known.set()

    def check(self) -> None:
        """See that the message was as it was read.

        Raises:
            ApiProblem: It was not; nothing was done.
        """
        if not self._stood:
            raise changed()

    async def begun(self, turn: asyncio.Task[None]) -> None:
        """Wait until the message is changed, or its turn is over without that.

        Raises:
            ApiProblem: It was not as it was read.
        """
        known = asyncio.ensure_future(self._is_known.wait())
        try:
            await asyncio.wait({known, turn}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            known.cancel()
        self.check()
