"""The writer: one queue, group commit, and nothing lost when the database is away.

submit() ──order taken, synchronously──> queue ──all that waits──> one transaction ──> callers
                                                   │ a bad row              │ database away
                                             unit by unit            journal (fsync), replayed
                                                   │ still bad        in order, exactly once
                                          journal/failed.jsonl
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import structlog
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError

from data_layer import schema
from data_layer.batch import Batch, Outcome, Unit
from data_layer.engine import Database
from data_layer.fold_state import ThreadDefaults
from data_layer.journal import Journal
from data_layer.order import Order
from data_layer.writes import Write

log = structlog.get_logger(__name__)

# Units of one transaction at most: bounds how long the loop is held and what a rollback repeats.
MAX_BATCH: Final = 500
# Seconds between two tries to reach a database that is away.
RETRY_S: Final = 1.0


@dataclass
class Health:
    """What the writer has met; `away` means that saving is delayed.

    Args:
        away: The database does not answer; writes wait in the journal.
        committed: Units in the database.
        refused: Units with a write that its caller may not make.
        journaled: Units that had to wait in the journal.
        failed: Units that the database will not take; they are in journal/failed.jsonl.
    """

    away: bool = False
    committed: int = 0
    refused: int = 0
    journaled: int = 0
    failed: int = 0


class Writer:
    """All writes go through here.

    Args:
        database: Where to.
        journal: Where to when the database is away.
        defaults: For threads that are born by a write.
        order: Gives the numbers.
    """

    def __init__(
        self, database: Database, journal: Journal, defaults: ThreadDefaults, order: Order | None = None
    ) -> None:
        self.health = Health()
        self.order = order or Order()
        self._database = database
        self._journal = journal
        self._defaults = defaults
        self._queue: deque[tuple[Unit, asyncio.Future[Outcome]]] = deque()
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._closing = False

    def submit(self, *writes: Write, orders: Sequence[int] | None = None) -> asyncio.Future[Outcome]:
        """Take a place in the queue, at once; the writes are one unit.

        Args:
            writes: What to write, all or nothing.
            orders: Numbers taken earlier, where the call came earlier than the write could.

        Returns:
            Done when the unit is durable: committed, or fsynced in the journal. It never raises for
            a refusal or a failure; the outcome says so.
        """
        orders = orders or [self.order.take() for _ in writes]
        future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._queue.append((Unit(writes, orders), future))
        self._wake.set()
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._work(), name="writer")
        return future

    async def start(self) -> None:
        """Continue an earlier process's numbers, and replay what its journal still holds.

        Raises:
            SQLAlchemyError: The database does not answer, or has no tables.
        """
        async with self._database.engine.connect() as connection:
            for table in (schema.steps, schema.threads, schema.events):
                last = await connection.scalar(select(func.max(table.c.seq)))
                self.order.start_after(last or 0)
        await self._replay()

    async def flush(self) -> None:
        """Wait until all that was submitted so far is durable."""
        waiting = [future for _, future in self._queue]
        if self._task is not None and not waiting:
            waiting = [self.submit()]
        await asyncio.gather(*waiting)

    async def close(self) -> None:
        """Flush and stop."""
        self._closing = True
        if self._task is None:
            return
        self._wake.set()
        await self._task
        self._task = None
        self._closing = False

    async def _work(self) -> None:
        while self._queue or not self._closing:
            if self.health.away:
                await self._try_return()
            if not self._queue:
                self._wake.clear()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), RETRY_S if self.health.away else None)
                continue
            taken = [self._queue.popleft() for _ in range(min(MAX_BATCH, len(self._queue)))]
            outcomes = await self._write([unit for unit, _ in taken])
            for (_, future), outcome in zip(taken, outcomes, strict=True):
                if not future.done():
                    future.set_result(outcome)

    async def _write(self, units: list[Unit]) -> list[Outcome]:
        if self.health.away:
            return await self._keep(units)
        try:
            return await self._commit(units)
        except (SQLAlchemyError, OSError, ValueError, TypeError, KeyError) as error:
            if _is_away(error):
                log.error("database_away", error=_brief(error), waiting=len(units))
                self.health.away = True
                return await self._keep(units)
            if len(units) == 1:
                return [await self._fail(units[0], error)]
            log.warning("batch_failed_retrying_each", error=_brief(error), units=len(units))
        outcomes = []
        for unit in units:
            outcomes += await self._write([unit])
        return outcomes

    async def _commit(self, units: list[Unit]) -> list[Outcome]:
        outcomes = await self._database.transact(
            lambda connection: Batch(connection, self._defaults).apply(units)
        )
        self.health.committed += len(units)
        for outcome in outcomes:
            if outcome.refused:
                self.health.refused += 1
                log.warning("write_refused", reason=outcome.refused)
        return outcomes

    async def _keep(self, units: list[Unit]) -> list[Outcome]:
        """Into the journal. When even the disk refuses, hold them and try until one of the two works."""
        while True:
            try:
                await asyncio.to_thread(self._journal.append, units)
            except OSError as error:
                log.critical("journal_cannot_be_written", error=str(error), waiting=len(units))
                await asyncio.sleep(RETRY_S)
                await self._try_return()
                if not self.health.away:
                    return await self._write(units)
                continue
            self.health.journaled += len(units)
            return [Outcome(journaled=True) for _ in units]

    async def _fail(self, unit: Unit, error: Exception) -> Outcome:
        self.health.failed += 1
        reason = _brief(error)
        log.error("write_failed", error=reason, kinds=[type(write).__name__ for write in unit.writes])
        await asyncio.to_thread(self._journal.append_failed, unit, reason)
        return Outcome(refused=f"the database does not take it: {reason}")

    async def _try_return(self) -> None:
        try:
            await self._replay()
        except (SQLAlchemyError, OSError) as error:
            log.warning("database_still_away", error=_brief(error))
            if not self._queue:
                return
            await asyncio.sleep(0)
        else:
            self.health.away = False
            log.info("database_back")

    async def _replay(self) -> None:
        units = await asyncio.to_thread(self._journal.read)
        applied = schema.journal_applied.c.entry_id
        async with self._database.engine.connect() as connection:
            done = set(await connection.scalars(select(applied))) if units else set()
            await connection.execute(select(1))
        waiting = [unit for unit in units if unit.entry_id not in done]
        for start in range(0, len(waiting), MAX_BATCH):
            chunk = waiting[start : start + MAX_BATCH]
            try:
                await self._commit(chunk)
            except (SQLAlchemyError, ValueError, TypeError, KeyError) as error:
                if _is_away(error):
                    raise
                await self._replay_each(chunk)
        await asyncio.to_thread(self._journal.clear)

    async def _replay_each(self, units: list[Unit]) -> None:
        for unit in units:
            try:
                await self._commit([unit])
            except (SQLAlchemyError, ValueError, TypeError, KeyError) as error:
                if _is_away(error):
                    raise
                await self._fail(unit, error)


def _is_away(error: Exception) -> bool:
    """Whether the database, and not the row, is at fault.

    SQLite's OperationalError covers "locked", "disk is full", "unable to open" and "readonly";
    asyncpg's connection errors arrive as InterfaceError, OSError or an invalidated connection.
    """
    if isinstance(error, OSError | OperationalError | InterfaceError):
        return True
    return isinstance(error, DBAPIError) and (error.connection_invalidated or _shutting_down(error))


def _shutting_down(error: DBAPIError) -> bool:
    # SQLSTATE classes: 57P admin shutdown and cannot connect now, 53 out of resources, 08 connection.
    state = str(getattr(error.orig, "sqlstate", "") or "")
    return state.startswith(("57P", "53", "08"))


def _brief(error: Exception) -> str:
    """What went wrong, without the row: a log never holds a participant's words."""
    cause = getattr(error, "orig", None) or error
    return f"{type(cause).__name__}: {str(cause).splitlines()[0] if str(cause) else ''}"[:300]
