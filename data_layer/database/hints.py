"""What one process tells the others on the same PostgreSQL: that something has changed, never what.

A hint goes out with the transaction that it speaks of, or not at all (PostgreSQL's NOTIFY). Whoever hears it
reads the record anew. Hints may be missed, while a connection is down or behind a pooler that gives each
transaction another session: what they say is asked for at intervals as well.
https://www.postgresql.org/docs/current/sql-notify.html
"""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Callable, Collection
from enum import StrEnum
from typing import Any, Final

import asyncpg
import structlog
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from data_layer.database.connecting import Connecting
from data_layer.database.engine import Database, postgres_address
from data_layer.database.faults import brief_fault

log = structlog.get_logger(__name__)

CHANNEL: Final = "verbatim"
# PostgreSQL takes less than 8,000 bytes at once; ids have 36 or two of them, and a comma.
_MOST_BYTES: Final = 7_800
# Seconds for which threads that changed are gathered, to be told of at once.
_MOMENT_S: Final = 0.2
# Seconds between two tries to listen.
_AGAIN_S: Final = 5.0
# Seconds between two questions whether the connection still stands: a network that went says nothing.
_ASK_S: Final = 15.0


class Hint(StrEnum):
    """What has changed, and whose ids come with it."""

    JOINED = "joined"  # a process begins to listen: its own
    THREADS = "threads"  # threads that read otherwise
    WITHDRAWN = "withdrawn"  # participants
    SIGNED_OUT = "signed_out"  # sign-ins
    STUDY_STATE = "study_state"  # none
    WATCHED = "watched"  # none: somebody looks at who types
    TYPING = "typing"  # participants and threads: who types
    STOP = "stop"  # threads in whose reply Stop was pressed, at a process that does not give it


class Hints:
    """Tells, and hears. On SQLite there is nobody else, and it does neither.

    Args:
        database: The one that they have in common.
        process_id: Whose own hints are not heard again.

    Attributes:
        others: Whether another process is known to listen, or may be.
    """

    def __init__(self, database: Database, process_id: str) -> None:
        self._database = database
        self._process_id = process_id
        self._listeners: dict[Hint, list[Callable[[list[str]], None]]] = defaultdict(list)
        self.others = False
        self._changed: set[str] = set()
        self._telling: asyncio.Task[None] | None = None
        self._at_once = asyncio.Event()
        self.on(Hint.JOINED, self._joined)

    @property
    def heard(self) -> bool:
        """Whether hints cross at all: not on SQLite."""
        return self._database.dialect == "postgresql"

    def on(self, hint: Hint, listener: Callable[[list[str]], None]) -> None:
        """Call something with the ids of each such hint of another process."""
        self._listeners[hint].append(listener)

    def put(self, connection: Connection, hint: Hint, ids: Collection[str] = ()) -> None:
        """Send a hint with a transaction, when it commits.

        Args:
            connection: In the transaction.
            hint: Which.
            ids: Of what it speaks.
        """
        if not self.heard:
            return
        every = sorted(ids) or [""]
        many = (_MOST_BYTES - 64) // (max(map(len, every)) + 1)
        for start in range(0, len(every), many):
            told = f"{self._process_id} {hint.value} {','.join(every[start : start + many])}"
            connection.exec_driver_sql("SELECT pg_notify($1, $2)", (CHANNEL, told))

    def threads_changed(self, thread_ids: Collection[str]) -> None:
        """Tell the others of threads, where there are some, once for all that change within a moment."""
        if not (self.heard and self.others and thread_ids):
            return
        self._changed |= set(thread_ids)
        if self._telling is None or self._telling.done():
            self._telling = asyncio.get_running_loop().create_task(self._tell_of_threads(), name="hints")

    async def _tell_of_threads(self) -> None:
        while self._changed:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._at_once.wait(), _MOMENT_S)
            changed, self._changed = self._changed, set()
            try:
                await self.tell(Hint.THREADS, changed)
            except (SQLAlchemyError, OSError) as error:
                # Their pages read them when they are loaded anew.
                log.warning("hints_not_told", error=brief_fault(error))

    async def told(self) -> None:
        """Tell of the threads that were gathered so far: this process ends."""
        self._at_once.set()
        if self._telling is not None:
            await self._telling

    async def tell(self, hint: Hint, ids: Collection[str] = ()) -> None:
        """Send a hint of its own.

        Raises:
            SQLAlchemyError: The database does not answer.
            OSError: It is away, or did not answer in time.
        """
        if self.heard:
            await self._database.transact(lambda connection: self.put(connection, hint, ids))

    async def listen_forever(self) -> None:
        """Hear what others tell, over a connection of its own; when it is lost, over the next."""
        while self.heard:
            if self._database.pooled:
                # What changes is asked for all the same.
                log.warning("hints_not_heard", why="a pooler stands before the database")
                return
            try:
                await self._listen()
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                log.warning("hints_not_heard_for_now", error=brief_fault(error))
            await asyncio.sleep(_AGAIN_S)

    async def _listen(self) -> None:
        address = postgres_address(self._database.url)
        arguments = Connecting(address, self._database.patience_s).arguments(pooled=False)
        connection = await asyncpg.connect(**arguments)
        try:
            await connection.execute("SET application_name = 'verbatim hints'")
            await connection.add_listener(CHANNEL, self._hear)
            await connection.execute(
                "SELECT pg_notify($1, $2)", CHANNEL, f"{self._process_id} {Hint.JOINED.value} "
            )
            while True:
                await asyncio.sleep(_ASK_S)
                await asyncio.wait_for(connection.execute("SELECT 1"), self._database.patience_s)
        finally:
            connection.terminate()

    def _hear(self, _connection: Any, _pid: int, _channel: str, payload: object) -> None:
        who, _, rest = str(payload).partition(" ")
        kind, _, ids = rest.partition(" ")
        if who == self._process_id or kind not in set(Hint):
            return  # One of a later version's says nothing to this one.
        for listener in self._listeners[Hint(kind)]:
            try:
                listener([one for one in ids.split(",") if one])
            except Exception as error:  # One that fails must not end the others.
                log.error("hint_not_followed", hint=kind, error_type=type(error).__name__)

    def _joined(self, _ids: list[str]) -> None:
        self.others = True
