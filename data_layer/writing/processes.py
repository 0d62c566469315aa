"""Which of the processes that serve a study are alive: what one has left open is closed when it is gone.

A process that lives holds a lock in a folder beside the database (SQLite) or in its data folder (PostgreSQL);
the system lets go of it when it ends, however it ends. PostgreSQL may also be written to from elsewhere, and
no lock be seen: whoever is there shows it by a beat, and is taken for gone when several looks have found the
same one. No clocks are compared.
"""

import asyncio
import socket
from collections.abc import Collection
from functools import partial
from pathlib import Path
from typing import Final

import structlog
from sqlalchemy import ColumnElement, literal_column, select, union

from data_layer.database import schema
from data_layer.database.engine import Database, sqlite_path
from data_layer.database.order import SLOTS, utc_now
from data_layer.database.process_locks import ProcessLock, is_held, sweep
from data_layer.database.rows import Row
from data_layer.writing import slots
from data_layer.writing.slots import SlotTaken

log = structlog.get_logger(__name__)

FOLDER: Final = "processes"
# Seconds between two beats, and two looks.
EVERY_S: Final = 15.0
# A beat that this many looks have found after the first is nobody's any more: a minute.
LOOKS: Final = 4

# As the predicates of small indices say it (ix_connections_open, ix_runs_unwell): SQLite takes such an index
# for the very words alone, and neither database takes it for a parameter.
OPEN_CONNECTIONS: Final = schema.connections.c.closed_at.is_(None)
OPEN_RUNS: Final[ColumnElement[bool]] = literal_column(
    "runs.status <> 'complete' AND runs.status = 'streaming'"
)


class Processes:
    """This process among those that serve the same study.

    Args:
        database: Theirs.
        data_dir: This one's data folder.
        process_id: This one's, as its rows bear it.
        app_version: The Verbatim that runs in it.
    """

    def __init__(self, database: Database, data_dir: Path, process_id: str, app_version: str = "") -> None:
        self._database = database
        self._app_version = app_version
        file = sqlite_path(database.url)
        self._folder = (data_dir if file is None else file.parent) / FOLDER
        self._process_id = process_id
        self._lock = ProcessLock(self._folder, process_id)
        self._started_at = utc_now()
        self._slot: SlotTaken | None = None
        self._seen: dict[str, tuple[object, int]] = {}

    async def begin(self) -> None:
        """Be seen to live, from here on."""
        try:
            await asyncio.to_thread(self._lock.hold)
        except OSError as error:
            log.warning("process_lock_not_held", folder=str(self._folder), error=str(error))

    async def take_slot(self, health: Row | None = None) -> SlotTaken:
        """Whose numbers this process gives out from here on (slots.py).

        Args:
            health: How its writer is.

        Raises:
            StartError: All slots are taken.
            SQLAlchemyError: The database does not answer.
        """
        about = {
            "app_version": self._app_version,
            "host": socket.gethostname(),
            "started_at": self._started_at,
            "health": health,
        }
        self._slot = await self._database.transact(
            partial(slots.take_slot, process_id=self._process_id, lives=self.lives, about=about)
        )
        return self._slot

    async def look(self) -> set[str]:
        """See which processes have left something open and are gone.

        Raises:
            SQLAlchemyError: The database does not answer.
        """
        try:
            holders = await self._holders()
            elsewhere = {one for one in holders if self._is_elsewhere(one)}
            beats = await self._beats(elsewhere)
        except Exception:
            # Nobody could beat: whoever lives does when it is there again.
            self._seen.clear()
            raise
        return (holders - elsewhere - self._held(holders)) | self._stopped(elsewhere, beats)

    async def beat(self, health: Row) -> SlotTaken:
        """Show that this process lives to those who cannot see its lock, as each batch does (marks.py).

        Args:
            health: How its writer is.

        Returns:
            The slot that it has: another one, when it was silent for so long that the first was given away.

        Raises:
            SQLAlchemyError: The database does not answer.
            OSError: It is away, or did not answer in time.
        """
        if self._database.dialect == "sqlite" and self._slot is not None:
            return self._slot  # Everybody sees its lock.
        return await self.take_slot(health)

    @property
    def own_id(self) -> str:
        """This process's, as its rows bear it."""
        return self._process_id

    def lives(self, process_id: str) -> bool | None:
        """Whether a process lives; None where that cannot be seen from here."""
        if process_id == self._process_id:
            return True
        held = is_held(self._folder, process_id)
        # Its lock is gone from the folder in which all of this file's stand (`_is_elsewhere`).
        return False if held is None and self._database.dialect == "sqlite" else held

    async def writes_still(self, number: int) -> bool:
        """Whether another process has given out a number of the record's, and lives.

        Raises:
            SQLAlchemyError: The database does not answer.
        """
        slot = number % SLOTS
        if self._slot is None or slot == self._slot.slot:
            return False
        holder = await self._database.read(lambda connection: slots.holder_of(connection, slot))
        # One that began later has the slot of one that is gone.
        if holder is None or holder.started_at.timestamp() * 1_000_000 > number:
            return False
        lives = self.lives(holder.process_id)
        return holder.is_beating if lives is None else lives

    def sweep(self) -> None:
        """Remove the locks of the gone, once what they have left is closed."""
        sweep(self._folder)

    def end(self) -> None:
        """Be seen to live no longer."""
        self._lock.let_go()

    def _held(self, ids: Collection[str]) -> set[str]:
        return {one for one in ids if self.lives(one)}

    def _is_elsewhere(self, process_id: str) -> bool:
        """Whether its lock cannot be seen from here. All who write to a SQLite file hold theirs beside it."""
        return self._database.dialect == "postgresql" and self.lives(process_id) is None

    def _stopped(self, ids: Collection[str], beats: dict[str, object]) -> set[str]:
        """Those whose beat was the same for several looks."""
        before, self._seen = self._seen, {}
        for one in ids:
            beat, times = before.get(one, (beats.get(one), -1))
            self._seen[one] = (beat, times + 1) if beat == beats.get(one) else (beats.get(one), 0)
        return {one for one, (_, times) in self._seen.items() if times >= LOOKS}

    async def _holders(self) -> set[str]:
        """The processes that have rows which are open."""
        runs, connections = schema.runs, schema.connections
        query = union(
            select(runs.c.process_id).where(OPEN_RUNS),
            select(connections.c.process_id).where(OPEN_CONNECTIONS),
        )
        async with self._database.engine.connect() as connection:
            return {one for one in await connection.scalars(query) if one is not None}

    async def _beats(self, ids: Collection[str]) -> dict[str, object]:
        if not ids:
            return {}
        table = schema.processes
        query = select(table.c.process_id, table.c.beat_at).where(table.c.process_id.in_(ids))
        async with self._database.engine.connect() as connection:
            return {one.process_id: one.beat_at for one in await connection.execute(query)}
