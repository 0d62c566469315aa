"""The record: one place that holds all that keeps and finds what happened."""

import uuid
from collections import OrderedDict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import structlog

from data_layer import participants, recovery
from data_layer.annotations import Annotations
from data_layer.assignments import Assignments
from data_layer.attachments import Attachments
from data_layer.audit import Audit
from data_layer.bookmarks import Bookmarks
from data_layer.claims import Claims
from data_layer.codebook import Codebook
from data_layer.connections import Connections
from data_layer.elements import Elements
from data_layer.engine import Database
from data_layer.exports_made import ExportsMade
from data_layer.files import FileStore
from data_layer.fold_state import ThreadDefaults
from data_layer.journal import Journal
from data_layer.leftovers import Leftovers
from data_layer.one_time_codes import OneTimeCodes
from data_layer.order import Clock, utc_now
from data_layer.participants import USER_NAME, Participant
from data_layer.passwords import Passwords
from data_layer.presence import Presence
from data_layer.ratings import Ratings
from data_layer.researchers import Researchers
from data_layer.shares import Shares
from data_layer.sign_ins import SignIns
from data_layer.study_controls import StudyControls
from data_layer.text import storable_json
from data_layer.views import Views
from data_layer.withdrawals import Withdrawals
from data_layer.writer import Writer
from data_layer.writes import InsertRow, Row

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
    """

    def __init__(
        self, database: Database, data_dir: Path, defaults: ThreadDefaults, clock: Clock = utc_now
    ) -> None:
        self.database = database
        self.defaults = defaults
        self.now = clock
        self.data_dir = data_dir
        self.journal = Journal(data_dir / "journal")
        self.writer = Writer(database, self.journal, defaults)
        self.files = FileStore(data_dir / "files")
        self.ratings = Ratings(database, self.writer, clock)
        self.bookmarks = Bookmarks(database, self.writer, clock, self.event)
        self.shares = Shares(database, self.writer, clock, self.event)
        self.elements = Elements(database, self.writer, self.files, clock)
        self.attachments = Attachments(data_dir / "pending", self.files, clock)
        self.connections = Connections(self.writer, clock)
        self.claims = Claims(database, self.writer, clock, defaults.study_id)
        self.sign_ins = SignIns(database, self.writer, clock)
        self.passwords = Passwords(database, self.writer, clock)
        self.researchers = Researchers(database, self.writer, clock)
        self.one_time_codes = OneTimeCodes(database, self.writer, clock)
        self.audit = Audit(database, self.writer, clock)
        self.assignments = Assignments(database, self.writer, clock)
        self.views = Views(database, self.writer, clock)
        self.exports_made = ExportsMade(database, self.writer, clock)
        self.codebook = Codebook(database, self.writer, clock)
        self.annotations = Annotations(database, self.writer, clock)
        self.controls = StudyControls(database, self.writer, clock, defaults.study_id)
        self.presence = Presence(clock)
        self.withdrawals = Withdrawals(
            database, self.writer, clock, self.sign_ins, Leftovers(data_dir, self.journal, database)
        )
        self._known: OrderedDict[str, tuple[datetime, datetime]] = OrderedDict()

    async def start(self) -> None:
        """Replay the journal, and mark what a killed process left open.

        Raises:
            SQLAlchemyError: The database does not answer, or has no tables.
        """
        await self.writer.start()
        left = await recovery.mark_interrupted(self.database, self.writer, self.now)
        await self.controls.look()
        if left:
            log.warning("interrupted_replies_marked", count=left)

    async def close(self) -> None:
        """Flush and let go."""
        await self.writer.close()
        await self.database.close()

    def take_order(self) -> int:
        """The next number of the order in which writes were called for."""
        return self.writer.order.take()

    async def enter(self, name: str, key: str, source: str = "login", kind: str = USER_NAME) -> Participant:
        """Make or find a participant by name, or by another kind of identity.

        Raises:
            SQLAlchemyError: The database is away.
        """
        return await participants.enter(
            self.database,
            self.writer,
            self.now,
            study_id=self.defaults.study_id,
            name=name,
            key=key,
            source=source,
            kind=kind,
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
