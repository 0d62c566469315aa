"""Who has withdrawn: carrying it out, the tombstones, and what is still to be erased."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Literal

import structlog
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from data_layer.database import schema
from data_layer.database.rows import Row
from data_layer.governance.erasure_queue import Leftovers
from data_layer.people.sign_ins import SignIns
from data_layer.writing.exports_held import may_have_held
from data_layer.writing.people_writes import Withdraw
from data_layer.writing.store import Store
from data_layer.writing.writes import PatchRow
from study.errors import WriteRefused
from study.vocabulary import ThreadState

log = structlog.get_logger(__name__)

# What could not be erased is tried again after this; a withdrawal is not waited for.
AGAIN_S: Final = 60.0


class Withdrawals:
    """Withdraws participants, and knows who was.

    Args:
        store: Read from, and written through.
        sign_ins: Told whose are gone.
        leftovers: What is outside the rows.
    """

    def __init__(self, store: Store, sign_ins: SignIns, leftovers: Leftovers) -> None:
        self._store = store
        self._sign_ins = sign_ins
        self._leftovers = leftovers
        self._looked_back = False
        self._wake = asyncio.Event()
        self._following: set[asyncio.Task[None]] = set()
        # Told, after the commit, who has withdrawn: their replies stop and their pages close.
        self.listeners: list[Callable[[Row, Sequence[str]], Awaitable[None]]] = []

    async def withdraw(
        self,
        participant_id: str,
        requested_by: Literal["participant", "researcher"],
        researcher_id: str | None = None,
    ) -> Row:
        """Erase a participant: their rows in one transaction, then their files and lines of the journal.

        Args:
            participant_id: The pseudonym.
            requested_by: Who asked for it.
            researcher_id: Which researcher, when it was one.

        Returns:
            The tombstone.

        Raises:
            WriteRefused: There is no such participant, or they have withdrawn already.
            OSError: The database is away: nothing is erased before it is back.
            SQLAlchemyError: Likewise.
        """
        if self._store.writer.health.away:
            raise OSError("a withdrawal does not wait in the journal: erased would be untrue")
        withdrawal_id = str(uuid.uuid4())
        write = Withdraw(participant_id, withdrawal_id, self._store.clock(), requested_by, researcher_id)
        outcome = await self._store.writer.submit(write)
        if outcome.reason is not None:
            raise WriteRefused(outcome.reason, outcome.detail)
        row = await self.one(withdrawal_id)
        if row is None:
            raise OSError("the database went away in the middle; the withdrawal is applied when it is back")
        self._sign_ins.withdrawn(participant_id)
        log.info("withdrawn", withdrawal_id=withdrawal_id, requested_by=requested_by)
        try:
            await self._leftovers.erase(row["leftovers"])
        except OSError as error:
            # It stays on the list, and finish_forever goes on with it.
            log.error("files_not_erased_yet", withdrawal_id=withdrawal_id, error=str(error))
        self._wake.set()
        await self._tell(row)
        return row

    def heard(self, participant_ids: Sequence[str]) -> None:
        """Another process has withdrawn them: their replies stop and their pages close here as well."""
        for participant_id in participant_ids:
            task = asyncio.get_running_loop().create_task(self._follow(participant_id))
            self._following.add(task)
            task.add_done_callback(self._following.discard)

    async def _follow(self, participant_id: str) -> None:
        self._sign_ins.withdrawn(participant_id)
        try:
            row = await self.of_participant(participant_id)
            if row is None:
                return
            # This machine's files and journals, which the other may not reach.
            if row["leftovers"] is not None:
                await self._leftovers.erase(row["leftovers"])
            await self._tell(row)
        except (OSError, SQLAlchemyError) as error:
            log.error("withdrawal_not_followed", error_type=type(error).__name__)

    async def _tell(self, row: Row) -> None:
        threads = await self._threads_of(row["participant_id"])
        for listener in self.listeners:
            await listener(row, threads)

    async def one(self, withdrawal_id: str) -> Row | None:
        """A tombstone."""
        return await self._first(schema.withdrawals.c.withdrawal_id == withdrawal_id)

    async def of_participant(self, participant_id: str) -> Row | None:
        """The tombstone of a participant; None of one who has not withdrawn."""
        return await self._first(schema.withdrawals.c.participant_id == participant_id)

    async def all(self) -> list[Row]:
        """The tombstones, the newest first."""
        table = schema.withdrawals
        query = select(table).order_by(table.c.withdrawn_at.desc(), table.c.withdrawal_id)
        return await self._store.rows(query)

    async def before(self, participant_id: str) -> Row | None:
        """What a withdrawal would erase, for the question before it.

        Returns:
            created_at, threads, messages, files, and exports (rows of `exports` that may have held them);
            None when there is no such participant.
        """
        people, threads, steps, elements = (
            schema.participants,
            schema.threads,
            schema.steps,
            schema.elements,
        )
        theirs = select(threads.c.thread_id).where(threads.c.participant_id == participant_id)
        kinds = ("user_message", "assistant_message", "system_message")
        messages = select(func.count()).where(steps.c.thread_id.in_(theirs), steps.c.type.in_(kinds))
        files = select(func.count()).where(elements.c.thread_id.in_(theirs), elements.c.file.is_not(None))
        async with self._store.database.engine.connect() as connection:
            person = (
                (await connection.execute(select(people).where(people.c.participant_id == participant_id)))
                .mappings()
                .first()
            )
            if person is None:
                return None
            own = await connection.execute(select(threads).where(threads.c.participant_id == participant_id))
            rows = [dict(row) for row in own.mappings()]
            made = await connection.execute(select(schema.exports).order_by(schema.exports.c.created_at))
            return {
                "created_at": person["created_at"],
                "threads": len(rows),
                "messages": await connection.scalar(messages),
                "files": await connection.scalar(files),
                "exports": [
                    dict(one)
                    for one in made.mappings()
                    if one["state"] != "failed" and may_have_held(dict(one), dict(person), rows)
                ],
            }

    async def exports_of(self, export_ids: list[str]) -> list[Row]:
        """The exports that a tombstone names, in order."""
        table = schema.exports
        query = select(table).where(table.c.export_id.in_(export_ids)).order_by(table.c.created_at)
        return await self._store.rows(query)

    async def finish(self) -> bool:
        """Erase what withdrawals have left outside the rows.

        Returns:
            Whether nothing is left.

        Raises:
            OSError: The disk refuses.
            SQLAlchemyError: The database is away.
        """
        table = schema.withdrawals
        query = select(table.c.withdrawal_id, table.c.leftovers).where(table.c.leftovers.is_not(None))
        async with self._store.database.engine.connect() as connection:
            waiting = (await connection.execute(query)).all()
        await self._leftovers.sweep_files()
        if not self._looked_back:
            await self._erase_missed()
        if not waiting:
            return True
        for _, leftovers in waiting:
            await self._leftovers.erase(leftovers)
        if not await self._leftovers.scrub():
            return False
        for withdrawal_id, _ in waiting:
            done = PatchRow("withdrawals", {"withdrawal_id": withdrawal_id}, {"leftovers": None})
            await self._store.writer.submit(done)
        return True

    async def _erase_missed(self) -> None:
        """Once a start: whoever is done first strikes a list out, and this machine may have been down."""
        gone, threads = schema.withdrawals, schema.threads
        rows = await self._store.rows(select(gone.c.participant_id, gone.c.export_ids))
        theirs = select(threads.c.thread_id).where(threads.c.state == ThreadState.WITHDRAWN.value)
        await self._leftovers.erase_missed(
            {row["participant_id"] for row in rows},
            {row["thread_id"] for row in await self._store.rows(theirs)} if rows else set(),
            {export_id for row in rows for export_id in row["export_ids"] or ()},
        )
        self._looked_back = True

    async def finish_forever(self) -> None:
        """Finish after a start, after each withdrawal, and again as long as something is left."""
        while True:
            self._wake.clear()
            try:
                left = not await self.finish()
            except (OSError, SQLAlchemyError) as error:
                log.error("withdrawal_not_finished", error_type=type(error).__name__)
                left = True
            try:
                await asyncio.wait_for(self._wake.wait(), AGAIN_S if left else None)
            except TimeoutError:
                continue

    async def _threads_of(self, participant_id: str) -> list[str]:
        table = schema.threads
        query = select(table.c.thread_id).where(table.c.participant_id == participant_id)
        async with self._store.database.engine.connect() as connection:
            return list(await connection.scalars(query))

    async def _first(self, condition: object) -> Row | None:
        query = select(schema.withdrawals).where(condition)  # type: ignore[arg-type]
        return await self._store.first(query)
