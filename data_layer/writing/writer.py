"""The writer: one queue, group commit, and nothing lost when the database is away.

submit() ──order taken, synchronously──> queue ──all that waits──> one transaction ──> callers
                                                   │ a bad row              │ database away
                                             unit by unit            journal (fsync), replayed
                                                   │ still bad        in order, exactly once
                                          journal/failed.jsonl
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import structlog
from sqlalchemy import select
from sqlalchemy.engine import Connection

from data_layer.database import schema
from data_layer.database.engine import Database
from data_layer.database.faults import brief_fault, is_away
from data_layer.database.hints import Hints
from data_layer.database.order import GREATEST_KEPT, WriteOrder
from data_layer.writing import hinted, marks, rules
from data_layer.writing.batch import Batch, Unit
from data_layer.writing.journal import Journal
from data_layer.writing.marks import Attempt, ProcessMarks
from data_layer.writing.outcome import Outcome
from data_layer.writing.state import ThreadDefaults
from data_layer.writing.writes import Write
from study.reasons import Reason

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
        process_id: Which process this is; a new one when None.
        hints: Tell other processes what was committed; None where there are none.
    """

    def __init__(
        self,
        database: Database,
        journal: Journal,
        defaults: ThreadDefaults,
        order: WriteOrder | None = None,
        retry_s: float = RETRY_S,
        process_id: str | None = None,
        hints: Hints | None = None,
    ) -> None:
        self.health = Health()
        self.order = order or WriteOrder()
        self._database = database
        self._journal = journal
        self._hints = hints
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
        self._marks = ProcessMarks(process_id)
        self._set_aside_ids: set[str] = set()

    @property
    def process_id(self) -> str:
        """Which process this is: what it has begun bears it until it ends."""
        return self._marks.process_id

    def submit(self, *writes: Write, orders: Sequence[int] | None = None) -> asyncio.Future[Outcome]:
        """Take a place in the queue, at once; the writes are one unit.

        Args:
            writes: What to write, all or nothing.
            orders: Numbers taken earlier, where the call came earlier than the write could.

        Returns:
            Done when the unit is durable: committed, or fsynced in the journal. It never raises for
            a refusal or a failure; the outcome says so.

        Raises:
            LookupError: Nothing says what a write of this kind does (rules.py).
        """
        rules.require_rules(writes)
        orders = orders or [self.order.take() for _ in writes]
        future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._queue.append((Unit(writes, orders), future))
        self._wake.set()
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._work(), name="writer")
        return future

    async def start(self) -> None:
        """Replay what the journal still holds, and continue an earlier process's numbers.

        Raises:
            SQLAlchemyError: The database does not answer, or has no tables.
        """
        await self.take_over(self._journal)
        await asyncio.to_thread(self._journal.mask_failed)
        async with self._database.engine.connect() as connection:
            for query in GREATEST_KEPT:
                self.order.start_after(await connection.scalar(query) or 0)

    async def take_over(self, journal: Journal) -> None:
        """Replay a journal that nobody writes to, and clear it.

        Raises:
            SQLAlchemyError: The database does not answer.
            OSError: Likewise; or the journal cannot be cleared.
        """
        await self._replay(journal)
        await asyncio.to_thread(journal.clear)

    async def flush(self) -> None:
        """Wait until all that was submitted so far is durable."""
        waiting = [future for _, future in self._queue]
        if self._task is not None and not waiting:
            waiting = [self.submit()]
        # A caller that was cancelled has cancelled its future, not its write.
        await asyncio.gather(*waiting, return_exceptions=True)

    async def close(self) -> None:
        """Flush and stop."""
        if self._task is None:
            return
        self._closing = True
        self._wake.set()
        # Whoever waited for the last of them may have submitted more by the time this goes on.
        while not self._task.done():
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
        attempt = self._marks.next()
        try:
            return await self._commit(units, attempt)
        except Exception as error:  # Whatever it is: a writer that has ended would lose all that follows.
            # Once it was asked to commit, no error proves that it has not.
            if attempt.asked or is_away(error):
                log.error("database_away", error=brief_fault(error), waiting=len(units), asked=attempt.asked)
                self._go_away()
                return await self._keep(units, attempt if attempt.asked and attempt.marked else None)
            if len(units) == 1:
                return [await self._fail(units[0], error)]
            log.warning("batch_failed_retrying_each", error=brief_fault(error), units=len(units))
        outcomes = []
        for unit in units:
            outcomes += await self._write([unit])
        return outcomes

    async def _commit(self, units: list[Unit], attempt: Attempt | None = None) -> list[Outcome]:
        """Commit units in one transaction.

        Args:
            units: In order.
            attempt: What it is marked by. A replay has none: its entries are marked one by one, and a new
                mark would cover those that it asks about.
        """

        def work(connection: Connection) -> tuple[list[Outcome], Batch]:
            if attempt is not None:
                self._marks.put(connection, attempt)
            batch = Batch(connection, self._defaults)
            outcomes = batch.apply(units)
            if self._hints is not None:
                hinted.tell(self._hints, connection, units)
            if attempt is not None:
                attempt.asked = True
            return outcomes, batch

        outcomes, batch = await self._database.transact(work)
        self.order.start_after(batch.newest)
        touched = batch.touched
        if self._hints is not None:
            self._hints.threads_changed(touched)
        for listener in self.listeners if touched else ():
            try:
                listener(touched)
            except Exception as error:  # What is committed is not to be tried again for it.
                log.error("listener_failed", error_type=type(error).__name__)
        self.health.committed += len(units)
        for outcome in outcomes:
            if outcome.refused:
                self.health.refused += 1
                log.warning("write_refused", reason=outcome.refused)
        return outcomes

    async def _keep(self, units: list[Unit], attempt: Attempt | None = None) -> list[Outcome]:
        """Into the journal. When even the disk refuses, hold them and try until one of the two works.

        Args:
            units: In order.
            attempt: The try whose answer was lost, when there was one.
        """
        for unit in units:
            unit.attempt = attempt
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
                return [outcome for unit in units for outcome in await self._keep([unit], attempt)]
        return await self._write_again(units, attempt)

    async def _write_again(self, units: list[Unit], attempt: Attempt | None) -> list[Outcome]:
        """The database was back before the disk: what it has not got, it gets."""
        if attempt is not None:
            held = attempt
            try:
                found = await self._database.transact(lambda connection: marks.went_in(connection, held))
            except Exception as error:
                log.error("database_away", error=brief_fault(error), waiting=len(units), asked=False)
                self._go_away()
                return await self._keep(units, attempt)
            if found:
                return [Outcome(journaled=True) for _ in units]
        return await self._write(units)

    async def _fail(self, unit: Unit, error: Exception) -> Outcome:
        try:
            await self._set_aside(unit, error)
        except Exception as failure:
            log.critical("failed_write_not_kept", error=brief_fault(failure))
        return Outcome(Reason.NOT_TAKEN_BY_DATABASE, brief_fault(error))

    async def _set_aside(self, unit: Unit, error: Exception) -> None:
        self.health.failed += 1
        reason = brief_fault(error)
        log.error("write_failed", error=reason, kinds=[type(write).__name__ for write in unit.writes])
        await asyncio.to_thread(self._journal.append_failed, unit, reason)
        if unit.entry_id is not None:
            # It stays in the journal until all of it is cleared, and that is read once more before.
            self._set_aside_ids.add(unit.entry_id)

    def _go_away(self) -> None:
        self.health.away = True
        self._returning = asyncio.get_running_loop().create_task(self._come_back(), name="database return")

    async def _come_back(self) -> None:
        """Try until the database answers. Meanwhile new writes go on to the journal, behind the others."""
        while self.health.away:
            await asyncio.sleep(self._retry_s)
            try:
                await self._replay(self._journal)
                # What came while that ran: few, and none is added now.
                async with self._journal_lock:
                    await self.take_over(self._journal)
                    self.health.away = False
            except Exception as error:  # As in _write: giving up would leave everything in the journal.
                log.warning("database_still_away", error=brief_fault(error))
        log.info("database_back")

    async def _replay(self, journal: Journal) -> None:
        units = await asyncio.to_thread(journal.read)
        applied = schema.journal_applied.c.entry_id
        async with self._database.engine.connect() as connection:
            done = set(await connection.scalars(select(applied))) if units else set()
            await connection.execute(select(1))
        waiting = [unit for unit in units if unit.entry_id not in done | self._set_aside_ids]
        for start in range(0, len(waiting), MAX_BATCH):
            chunk = waiting[start : start + MAX_BATCH]
            try:
                await self._commit(chunk)
            except Exception as error:
                if is_away(error):
                    raise
                await self._replay_each(chunk)

    async def _replay_each(self, units: list[Unit]) -> None:
        for unit in units:
            try:
                await self._commit([unit])
            except Exception as error:
                if is_away(error):
                    raise
                await self._set_aside(unit, error)
