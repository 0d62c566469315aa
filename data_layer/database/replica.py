"""What researchers read, asked of a replica while it is close behind, and of the database otherwise.

A replica shows an earlier state. Three things must not come of that: a researcher who does not see what they
have just written, a participant who has withdrawn and is shown all the same, and a room that stands still
without a word. So after a write, and after a withdrawal, nothing is asked of the replica before it has
replayed all that the database had by then; and never while it is more than some seconds behind.
https://www.postgresql.org/docs/current/functions-admin.html#FUNCTIONS-RECOVERY-CONTROL
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, TypeVar

import asyncpg
import structlog
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from data_layer.database.engine import Database
from data_layer.database.faults import brief_fault
from study.errors import SettingsError

log = structlog.get_logger(__name__)

T = TypeVar("T")

# How far behind a replica may be for a page to be read from it. A page of the room is looked at for longer.
BEHIND_MOST: Final = timedelta(seconds=10)
# For how many seconds one look at how far it is holds good, unless something must be seen.
_LOOK_S: Final = 1.0
# For how many seconds a replica is left alone that did not answer.
_PAUSE_S: Final = 10.0
# Seconds that it is waited for; then the database answers.
_PATIENCE_S: Final = 3.0
# How often one that is waited for is asked.
_WAIT_S: Final = 0.1

# While a connection is made the driver's own errors come as they are.
_AWAY: Final = (SQLAlchemyError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError)

_WRITTEN: Final = "SELECT pg_current_wal_lsn()::text AS place, clock_timestamp() AS at"
_REPLAYED: Final = (
    "SELECT pg_is_in_recovery() AS recovers, pg_last_wal_replay_lsn()::text AS place, "
    "pg_last_xact_replay_timestamp() AS at"
)
_WHOSE: Final = "SELECT system_identifier, current_database() FROM pg_control_system()"


@dataclass(frozen=True)
class ReplicaStanding:
    """How far a replica is, beside its database.

    Args:
        written: What the database had written: a place in its log.
        written_at: The database's time then.
        replayed: What the replica has replayed of that log; None of a server that replays nothing.
        replayed_at: When what it replayed last was committed, by the database's time; None of nothing yet.
    """

    written: int
    written_at: datetime
    replayed: int | None
    replayed_at: datetime | None

    @property
    def is_near(self) -> bool:
        """Whether it is at most BEHIND_MOST behind. Both moments are of one clock, the database's."""
        if self.replayed is None:
            return False
        if self.replayed >= self.written:
            return True
        return self.replayed_at is not None and self.written_at - self.replayed_at <= BEHIND_MOST


def place_in_log(lsn: str) -> int:
    """A place in PostgreSQL's log, as it writes it ("16/B374D848"), to be compared."""
    high, low = lsn.split("/")
    return (int(high, 16) << 32) + int(low, 16)


class Replica:
    """Whether the replica may be asked now.

    Args:
        database: What it replicates.
        copy: The replica, open.
        clock: Seconds that only go up.
    """

    def __init__(
        self, database: Database, copy: Database, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._database = database
        self.copy = copy
        self._clock = clock
        self._changed = True  # nothing is known yet: as if something had been written
        self._must_have: int | None = None
        self._looked = self._paused = -1e9
        self._good = False
        self._looking = asyncio.Lock()

    def changed(self) -> None:
        """Something was written that whoever reads from now on must see."""
        self._changed = True

    def failed(self, error: Exception) -> None:
        """The replica did not answer, or broke off: it is left alone for a while."""
        self._paused = self._clock() + _PAUSE_S
        self._good = False
        log.warning("replica_not_asked", why=brief_fault(error), for_seconds=_PAUSE_S)

    async def may_be_asked(self) -> bool:
        """Whether it is near, and has all that must be seen.

        Raises:
            SQLAlchemyError: The database itself is away, and how far the replica is cannot be known.
            OSError: Likewise.
        """
        async with self._looking:
            now = self._clock()
            if now < self._paused:
                return False
            owed = self._changed or self._must_have is not None
            if owed or now - self._looked >= _LOOK_S:
                await self._look(now)
            return self._good

    async def wait(self, patience_s: float) -> bool:
        """Wait until it has all that the database has now.

        Returns:
            Whether it has, in time.
        """
        self.changed()
        latest = self._clock() + patience_s
        while not await self.may_be_asked():
            if self._clock() >= latest or self._clock() < self._paused:
                return False
            await asyncio.sleep(_WAIT_S)
        return True

    async def _look(self, now: float) -> None:
        changed, self._changed = (
            self._changed,
            False,
        )  # before the question: what comes after it is owed again
        try:
            stands = await self._stands()
        except BaseException:
            self._changed = True
            raise
        self._looked = now
        if stands is None:
            self._changed |= changed
            return
        if changed:
            self._must_have = stands.written
        if self._must_have is not None and stands.replayed is not None and stands.replayed >= self._must_have:
            self._must_have = None
        near = stands.is_near
        if near != self._good and self._must_have is None:
            log.info("replica_asked" if near else "replica_too_far_behind")
        self._good = near and self._must_have is None

    async def _stands(self) -> ReplicaStanding | None:
        """How far it is; None when the replica did not say."""
        async with self._database.connect() as connection:
            here = (await connection.exec_driver_sql(_WRITTEN)).mappings().one()
        try:
            async with asyncio.timeout(_PATIENCE_S), self.copy.connect() as connection:
                there = (await connection.exec_driver_sql(_REPLAYED)).mappings().one()
        except _AWAY as error:
            self.failed(error)
            return None
        replays = there["recovers"] and there["place"] is not None
        place = place_in_log(there["place"]) if replays else None
        return ReplicaStanding(place_in_log(here["place"]), here["at"], place, there["at"])


@dataclass(frozen=True)
class ReplicatedDatabase(Database):
    """A database for reading alone: each read goes to the replica, or to the database, as it stands then.

    Args:
        replica: Says which.
    """

    replica: Replica | None = field(default=None, kw_only=True)

    def connect(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """A connection to the one or the other."""
        return self._connected()

    async def read(self, work: Callable[[Connection], T]) -> T:
        """As of any database; what the replica breaks off is read again from the database."""
        try:
            async with self._connected() as connection:
                return await connection.run_sync(work)
        except _AWAY:
            if self.replica is None or await self.replica.may_be_asked():
                raise
        return await super().read(work)

    async def close(self) -> None:
        """Let go of the replica; the database is another's to close."""
        if self.replica is not None:
            await self.replica.copy.close()

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[AsyncConnection]:
        async with AsyncExitStack() as held:
            of_replica = await self._of_replica(held)
            connection = of_replica
            if connection is None:
                connection = await held.enter_async_context(self.engine.connect())
            try:
                yield connection
            except _AWAY as error:
                # So does a read that a replica cancels, for rows that the database has cleared away.
                if self.replica is not None and of_replica is not None:
                    self.replica.failed(error)
                raise

    async def _of_replica(self, held: AsyncExitStack) -> AsyncConnection | None:
        if self.replica is None or not await self.replica.may_be_asked():
            return None
        try:
            return await held.enter_async_context(self.replica.copy.connect())
        except _AWAY as error:
            self.replica.failed(error)
            return None


def replicated(database: Database, copy: Database) -> ReplicatedDatabase:
    """A database that is read from its replica.

    Args:
        database: Open.
        copy: Its replica, open.
    """
    replica = Replica(database, copy)
    return ReplicatedDatabase(
        database.engine,
        database.dialect,
        database.url,
        patience_s=database.patience_s,
        connecting=database.connecting,
        replica=replica,
    )


async def check_replica(database: Database, copy: Database) -> None:
    """See that a server replays this database's log. One that does not answer now may do so later.

    Raises:
        SettingsError: It replays nothing, or another server's log.
    """
    try:
        async with asyncio.timeout(_PATIENCE_S), copy.connect() as connection:
            recovers = (await connection.exec_driver_sql("SELECT pg_is_in_recovery()")).scalar_one()
            theirs = (await connection.exec_driver_sql(_WHOSE)).one()
        async with database.connect() as connection:
            ours = (await connection.exec_driver_sql(_WHOSE)).one()
    except _AWAY as error:
        log.warning("replica_not_seen", why=brief_fault(error))
        return
    if not recovers:
        raise SettingsError(
            "VERBATIM_READ_URL names a server that replays no other's log, so it is no replica. Write it "
            "like: VERBATIM_READ_URL=postgresql+asyncpg://name:password@replica/database"
        )
    if theirs != ours:
        raise SettingsError(
            "VERBATIM_READ_URL names a replica of another database than VERBATIM_DATABASE_URL. Name one of "
            "the same server, and the same database in it."
        )
