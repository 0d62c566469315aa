"""The writer: one queue, group commit, and nothing lost when the database is away.

submit() ──order taken, synchronously──> queue ──all that waits──> one transaction ──> callers
                                                   │ a bad row              │ database away
                                             unit by unit            journal (fsync), replayed
                                                   │ still bad        in order, exactly once
                                          journal/failed.jsonl
"""

import asyncio
import sqlite3
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import structlog
from sqlalchemy import func, select
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, ProgrammingError

from data_layer import schema
from data_layer.batch import Batch, Outcome, Unit
from data_layer.engine import Database
from data_layer.fold_state import ThreadDefaults
from data_layer.journal import Journal
from data_layer.order import Order
from data_layer.writes import Write
from study.vocabulary import Status

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
        retry_s: Between two tries to reach a database that is away.
    """

    def __init__(
        self,
        database: Database,
        journal: Journal,
        defaults: ThreadDefaults,
        order: Order | None = None,
        retry_s: float = RETRY_S,
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
        self._retry_s = retry_s
        self._returning: asyncio.Task[None] | None = None
        # Called with the threads that read otherwise in their participant's list after a commit.
        self.listeners: list[Callable[[frozenset[str]], None]] = []
        self._journal_lock = asyncio.Lock()

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
        """Replay what the journal still holds, and continue an earlier process's numbers.

        Raises:
            SQLAlchemyError: The database does not answer, or has no tables.
        """
        await self._replay()
        await asyncio.to_thread(self._journal.clear)
        async with self._database.engine.connect() as connection:
            for query in _GREATEST_ORDERS:
                self.order.start_after(await connection.scalar(query) or 0)

    async def flush(self) -> None:
        """Wait until all that was submitted so far is durable."""
        waiting = [future for _, future in self._queue]
        if self._task is not None and not waiting:
            waiting = [self.submit()]
        # A caller that was cancelled has cancelled its future, not its write.
        await asyncio.gather(*waiting, return_exceptions=True)

    async def close(self) -> None:
        """Flush and stop."""
        self._closing = True
        if self._task is None:
            return
        self._wake.set()
        await self._task
        if self._returning is not None:
            self._returning.cancel()
            await asyncio.gather(self._returning, return_exceptions=True)
        self._task = self._returning = None
        self._closing = False

    async def _work(self) -> None:
        while self._queue or not self._closing:
            if not self._queue:
                self._wake.clear()
                await self._wake.wait()
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
        except Exception as error:  # Whatever it is: a writer that has ended would lose all that follows.
            if _is_away(error):
                log.error("database_away", error=_brief(error), waiting=len(units))
                self._go_away()
                return await self._keep(units)
            if len(units) == 1:
                return [await self._fail(units[0], error)]
            log.warning("batch_failed_retrying_each", error=_brief(error), units=len(units))
        outcomes = []
        for unit in units:
            outcomes += await self._write([unit])
        return outcomes

    async def _commit(self, units: list[Unit]) -> list[Outcome]:
        def work(connection: Connection) -> tuple[list[Outcome], frozenset[str]]:
            batch = Batch(connection, self._defaults)
            return batch.apply(units), batch.touched

        outcomes, touched = await self._database.transact(work)
        for listener in self.listeners if touched else ():
            listener(touched)
        self.health.committed += len(units)
        for outcome in outcomes:
            if outcome.refused:
                self.health.refused += 1
                log.warning("write_refused", reason=outcome.refused)
        return outcomes

    async def _keep(self, units: list[Unit]) -> list[Outcome]:
        """Into the journal. When even the disk refuses, hold them and try until one of the two works."""
        while self.health.away:
            try:
                async with self._journal_lock:
                    if self.health.away:
                        await asyncio.to_thread(self._journal.append, units)
                        self.health.journaled += len(units)
                        return [Outcome(journaled=True) for _ in units]
            except OSError as error:
                log.critical("journal_cannot_be_written", error=str(error), waiting=len(units))
                await asyncio.sleep(self._retry_s)
            except Exception as error:  # No JSON holds it. One at a time, for the others' sake.
                if len(units) == 1:
                    return [await self._fail(units[0], error)]
                return [outcome for unit in units for outcome in await self._keep([unit])]
        return await self._write(units)

    async def _fail(self, unit: Unit, error: Exception) -> Outcome:
        try:
            await self._set_aside(unit, error)
        except Exception as failure:
            log.critical("failed_write_not_kept", error=_brief(failure))
        return Outcome(refused=f"the database does not take it: {_brief(error)}")

    async def _set_aside(self, unit: Unit, error: Exception) -> None:
        self.health.failed += 1
        reason = _brief(error)
        log.error("write_failed", error=reason, kinds=[type(write).__name__ for write in unit.writes])
        await asyncio.to_thread(self._journal.append_failed, unit, reason)

    def _go_away(self) -> None:
        self.health.away = True
        self._returning = asyncio.get_running_loop().create_task(self._come_back(), name="database return")

    async def _come_back(self) -> None:
        """Try until the database answers. Meanwhile new writes go on to the journal, behind the others."""
        while self.health.away:
            await asyncio.sleep(self._retry_s)
            try:
                await self._replay()
                # What came while that ran: few, and none is added now.
                async with self._journal_lock:
                    await self._replay()
                    await asyncio.to_thread(self._journal.clear)
                    self.health.away = False
            except Exception as error:  # As in _write: giving up would leave everything in the journal.
                log.warning("database_still_away", error=_brief(error))
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
            except Exception as error:
                if _is_away(error):
                    raise
                await self._replay_each(chunk)

    async def _replay_each(self, units: list[Unit]) -> None:
        for unit in units:
            try:
                await self._commit([unit])
            except Exception as error:
                if _is_away(error):
                    raise
                await self._set_aside(unit, error)


# What an earlier process may have given out at last. Of a step's `version`, which grows while it
# streams, those that still stream are enough: all others are followed by a row with a `seq`.
_GREATEST_ORDERS: Final = (
    *(
        select(func.max(table.c.seq))
        for table in (schema.steps, schema.threads, schema.runs, schema.llm_calls, schema.events)
    ),
    select(func.max(schema.steps.c.version)).where(schema.steps.c.status == Status.STREAMING.value),
)


# Classes of SQLSTATE that speak of a value: data exception, constraint, program limit. No other can be
# a row's fault, for the statements are always the same.
_ROW_FAULTS: Final = ("22", "23", "54")


def _is_away(error: Exception) -> bool:
    """Whether the database, and not the row, is at fault: locked, full, read-only, closed to us, gone."""
    if isinstance(error, OSError):
        return True
    if not isinstance(error, DBAPIError):
        return False
    state = getattr(error.orig, "sqlstate", None)
    if state is not None:
        return not str(state).startswith(_ROW_FAULTS)
    # asyncpg finds some values wrong before it sends them: an InterfaceError that is a ValueError as well.
    a_value = isinstance(getattr(error.orig, "__cause__", None), ValueError)
    return not (a_value or isinstance(error, IntegrityError | DataError | ProgrammingError))


def _brief(error: Exception) -> str:
    """What went wrong, without the row: a log never holds a participant's words.

    Only PostgreSQL and asyncpg quote a value that they do not take.
    """
    cause = getattr(error, "orig", None) or error
    kind = type(cause.__cause__ or cause).__name__
    if _is_away(error) or isinstance(cause, sqlite3.Error):
        return f"{kind}: {str(cause).splitlines()[0] if str(cause) else ''}"[:300]
    state = getattr(cause, "sqlstate", None)
    return f"{kind} {state}" if state else kind
