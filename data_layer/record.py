"""The record: one place that holds all that keeps and finds what happened."""

import asyncio
import uuid
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import structlog

from data_layer.coding.annotations import Annotations
from data_layer.coding.codebook import Codebook
from data_layer.coding.coding_tasks import CodingTasks
from data_layer.coding.views import Views
from data_layer.conversations.attachments import AttachmentStore
from data_layer.conversations.bookmarks import Bookmarks
from data_layer.conversations.connections import Connections
from data_layer.conversations.elements import Elements
from data_layer.conversations.presence import Presence
from data_layer.conversations.ratings import RatingStore
from data_layer.conversations.shares import Shares
from data_layer.conversations.typing_elsewhere import TypingElsewhere
from data_layer.database.engine import Database
from data_layer.database.faults import brief_fault
from data_layer.database.files import FileStore
from data_layer.database.hints import Hint, Hints
from data_layer.database.order import COMMANDS_SLOT, Clock, WriteOrder, utc_now
from data_layer.database.replica import Replica, ReplicatedDatabase, replicated
from data_layer.database.rows import Row
from data_layer.governance.erasure_queue import Leftovers
from data_layer.governance.exports_made import ExportsMade
from data_layer.governance.freezes import Freezes
from data_layer.governance.study_controls import StudyControls
from data_layer.governance.withdrawals import Withdrawals
from data_layer.people import entering, participants
from data_layer.people.assignment import Assignments
from data_layer.people.audit import Audit
from data_layer.people.claims import Claims
from data_layer.people.guesses import Guesses
from data_layer.people.keyed_requests import KeyedRequests
from data_layer.people.one_time_codes import OneTimeCodes
from data_layer.people.participants import USER_NAME, Participant
from data_layer.people.participations import Participations
from data_layer.people.passwords import Passwords
from data_layer.people.researcher_tokens import ResearcherTokens
from data_layer.people.researchers import Researchers
from data_layer.people.sign_ins import SignIns
from data_layer.writing import recovery
from data_layer.writing.journals import Journals
from data_layer.writing.processes import EVERY_S, Processes
from data_layer.writing.slots import SlotTaken
from data_layer.writing.state import ThreadDefaults
from data_layer.writing.store import Store
from data_layer.writing.writer import Writer
from data_layer.writing.writes import InsertRow
from study.text import storable_json

log = structlog.get_logger(__name__)

# Every HTTP request and every connect asks whether its participant exists (auth/__init__.py:69).
_KNOWN_FOR: Final = timedelta(seconds=30)
_KNOWN_MOST: Final = 10_000


class Record:
    """What is kept, and how.

    Args:
        database: Open, at head.
        data_dir: For the journal and the files.
        defaults: Study, version and fingerprint that new threads are born with.
        clock: The time.
        copy: A replica of the database, open; None where there is none.
        files: Where files are kept; in the data folder, if left out.

    Attributes:
        read_database: What researchers read and export: of the replica, while it is near.
    """

    def __init__(
        self,
        database: Database,
        data_dir: Path,
        defaults: ThreadDefaults,
        clock: Clock = utc_now,
        copy: Database | None = None,
        files: FileStore | None = None,
    ) -> None:
        self.database = database
        self.read_database = database if copy is None else replicated(database, copy)
        self.defaults = defaults
        self.now = clock
        self.data_dir = data_dir
        process_id = str(uuid.uuid4())
        self.journals = Journals(data_dir / "journal", process_id)
        self.journal = self.journals.own
        order = WriteOrder(slot=COMMANDS_SLOT)
        self.hints = Hints(database, process_id)
        self.writer = Writer(database, self.journal, defaults, order, process_id=process_id, hints=self.hints)
        self.store = Store(database, self.writer, clock)
        self.processes = Processes(database, data_dir, process_id, defaults.app_version)
        self.files = files or FileStore(data_dir / "files")
        self.ratings = RatingStore(self.store)
        self.bookmarks = Bookmarks(self.store, self.event)
        self.shares = Shares(self.store, self.event)
        self.elements = Elements(self.store, self.files)
        self.attachments = AttachmentStore(data_dir / "pending", self.files, clock)
        self.connections = Connections(self.writer, clock)
        self.claims = Claims(self.store, defaults.study_id)
        self.sign_ins = SignIns(self.store)
        self.passwords = Passwords(self.store)
        self.guesses = Guesses(self.store, self.hints)
        self.participations = Participations(self.store, defaults.study_id)
        self.assignments = Assignments(self.store, defaults.study_id)
        self.keyed_requests = KeyedRequests(self.store, self.processes)
        self.researchers = Researchers(self.store)
        self.researcher_tokens = ResearcherTokens(self.store)
        self.one_time_codes = OneTimeCodes(self.store)
        self.audit = Audit(self.store)
        self.views = Views(self.store)
        self.exports_made = ExportsMade(self.store)
        self.codebook = Codebook(self.store)
        self.coding_tasks = CodingTasks(self.store, self.codebook)
        self.annotations = Annotations(self.store)
        self.freezes = Freezes(self.store, defaults.study_id)
        self.controls = StudyControls(self.store, defaults.study_id)
        self.presence = Presence(clock)
        self.typing_elsewhere = TypingElsewhere(self.presence, self.hints, clock)
        leftovers = Leftovers(data_dir, self.journals, database, self.files)
        self.withdrawals = Withdrawals(self.store, self.sign_ins, leftovers)
        self._follow_hints()
        self._looking: asyncio.Task[None] | None = None
        self._known: OrderedDict[str, tuple[datetime, datetime]] = OrderedDict()

    async def start(self) -> None:
        """Be seen to live, replay the journal, and mark what a killed process left open.

        Raises:
            SQLAlchemyError: The database does not answer, or has no tables.
        """
        await self.join()
        await self.writer.start()
        await self._take_over_journals()
        await self._close_what_is_left(nobodys=True)
        await asyncio.to_thread(self.processes.sweep)
        await self.controls.look()
        if self.database.pooled:
            log.info("database_behind_a_pooler", statements="without names")
        if self._looking is None:
            self._looking = asyncio.create_task(self._look_forever(), name="processes")

    async def join(self) -> None:
        """Be seen to live, and give out numbers that no other process gives out.

        Raises:
            StartError: As many processes as may write to one database do.
            SQLAlchemyError: The database does not answer.
        """
        await self.processes.begin()
        self._has(await self.processes.take_slot())

    async def close(self) -> None:
        """Flush and let go."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)
            self._looking = None
        await self.writer.close()
        await self.hints.told()
        self.processes.end()
        if self.read_database is not self.database:
            await self.read_database.close()
        await self.database.close()

    @property
    def replica(self) -> Replica | None:
        """Whether the replica may be asked; None where there is none."""
        read = self.read_database
        return read.replica if isinstance(read, ReplicatedDatabase) else None

    def must_be_seen(self) -> None:
        """Something is written that researchers must see in whatever they read from now on."""
        if self.replica is not None:
            self.replica.changed()

    async def look_around(self) -> None:
        """Show that this process lives, and close what others that are gone have left.

        Raises:
            SQLAlchemyError: The database does not answer.
            OSError: It is away, or did not answer in time.
        """
        self._has(await self.processes.beat(asdict(self.writer.health)))
        await self._take_over_journals()
        await self._close_what_is_left(nobodys=False)

    def _follow_hints(self) -> None:
        """What other processes change is known here at once, and not at the next look."""
        self.hints.on(Hint.STUDY_STATE, lambda _: self.controls.changed_elsewhere())
        self.hints.on(Hint.SIGNED_OUT, lambda _: self.sign_ins.ended_elsewhere.set())
        self.hints.on(Hint.WITHDRAWN, self.withdrawals.heard)
        self.hints.on(Hint.WITHDRAWN, lambda _: self.must_be_seen())
        self.withdrawals.listeners.append(self._withdrawn)

    async def _withdrawn(self, _tombstone: Row, _threads: Sequence[str]) -> None:
        self.must_be_seen()

    def _has(self, taken: SlotTaken) -> None:
        self.writer.order.slot = taken.slot
        self.hints.others = taken.others

    async def _take_over_journals(self) -> None:
        """Write what processes that are gone could not: before their rows are closed, which it may end."""
        for journal in await asyncio.to_thread(self.journals.left, self.processes.lives):
            await self.writer.take_over(journal)
        await asyncio.to_thread(self.journals.sweep, self.processes.lives)

    async def _close_what_is_left(self, *, nobodys: bool) -> None:
        gone = await self.processes.look()
        if not gone and not nobodys:
            return
        left = await recovery.mark_interrupted(self.database, self.writer, self.now, gone, nobodys=nobodys)
        if left:
            log.warning("interrupted_replies_marked", count=left)

    async def _look_forever(self) -> None:
        while True:
            await asyncio.sleep(EVERY_S)
            try:
                await self.look_around()
            except Exception as error:  # An outage must not end it.
                log.warning("processes_not_seen", error=brief_fault(error))

    def take_order(self) -> int:
        """The next number of the order in which writes were called for."""
        return self.writer.order.take()

    async def enter(
        self,
        name: str,
        key: str,
        source: str = "login",
        kind: str = USER_NAME,
        browser: str | None = None,
    ) -> Participant:
        """Make or find a participant by name, or by another kind of identity (people/entering.py).

        Raises:
            SQLAlchemyError: The database is away.
            OSError: Likewise.
        """
        return await entering.enter(
            self.database,
            self.writer,
            self.now,
            study_id=self.defaults.study_id,
            name=name,
            key=key,
            source=source,
            kind=kind,
            browser=browser,
        )

    async def known_since(self, participant_id: str) -> datetime | None:
        """When a participant came; remembered for half a minute."""
        now = self.now()
        seen = self._known.get(participant_id)
        if seen is not None and now - seen[1] < _KNOWN_FOR:
            return seen[0]
        moment = await participants.created_at(self.database, participant_id)
        if moment is not None:
            self._known[participant_id] = (moment, now)
            self._known.move_to_end(participant_id)
            while len(self._known) > _KNOWN_MOST:
                self._known.popitem(last=False)
        return moment

    def event(self, kind: str, *, payload: Row | None = None, **ids: Any) -> InsertRow:
        """A row of `events`, to be submitted.

        Args:
            kind: What happened, in snake_case.
            payload: What else there is to say; never a participant's words.
            ids: thread_id, participant_id, run_id, connection_id, target.
        """
        return InsertRow(
            "events",
            {
                "event_id": str(uuid.uuid4()),
                "seq": self.take_order(),
                "type": kind,
                "payload": storable_json(payload) if payload is not None else None,
                "timestamp": self.now(),
                **ids,
            },
        )

    def refused(self, what: str, why: str, participant_id: str | None) -> None:
        """Something was refused: log it, count it, keep it."""
        log.warning("refused", what=what, why=why)
        self.writer.health.refused += 1
        event = self.event("refused", payload={"what": what, "why": why}, participant_id=participant_id)
        self.writer.submit(event)
