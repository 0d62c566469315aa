"""An import: threads are read, looked up, and written a portion at a time; each goes in whole or not at all.

Cut off anywhere, it goes on where it was when it is asked for again: what is here is passed over.
"""

import asyncio
import hashlib
import uuid
from collections import OrderedDict
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Final, TypeVar

from data_layer.database.engine import Database
from data_layer.people.participants import IMPORTED, identity_row
from data_layer.record import Record
from data_layer.writing.outcome import Outcome
from data_layer.writing.people_writes import Enter
from imports.distinct import make_distinct
from imports.foreign import ForeignSource, ForeignThread, HowFar, SourceRequest
from imports.known import AlreadyHere, Naming, already_here, known_key, participants_of
from imports.orders import FreeOrders
from imports.remarks import Remarks
from imports.unit import Origin, ThreadUnit, content_digest, unit_of
from study.errors import DatabaseError
from study.reasons import Reason

T = TypeVar("T")
Progress = Callable[["ImportSums", HowFar], None]

# Messages of one transaction, about: a server that writes at the same time waits for no more than these.
PORTION: Final = 1_000
# And threads: the writer takes so many units at once.
_THREADS: Final = 400
_REMEMBERED: Final = 10_000
_AWAY: Final = (
    "The database does not answer. What was imported so far is kept: see that the database runs, and give "
    "the same command again."
)


@dataclass
class ImportSums:
    """What an import came to.

    Args:
        read: Threads that were read.
        threads: Of these that went in.
        messages: In them, with the work beside them.
        participants: Who came with them and was not here before.
        here: Threads that were imported before.
        changed: Of these, with other words than then.
        withdrawn: Threads of participants who have withdrawn.
        refused: Threads that the database would not take, or that have nothing in them.
    """

    read: int = 0
    threads: int = 0
    messages: int = 0
    participants: int = 0
    here: int = 0
    changed: int = 0
    withdrawn: int = 0
    refused: int = 0


@dataclass
class Importing:
    """One import.

    Args:
        database: Looked into; None in a dry run where there is none yet.
        record: Written to; None in a dry run.
        naming: What things are called here.
        origin: Where they come from.
        told: Takes remarks.
        owner: Whose threads those are that name nobody; None where each is somebody else's.
        progress: Is told after each portion.
    """

    database: Database | None
    record: Record | None
    naming: Naming
    origin: Origin
    told: Remarks
    owner: str | None = None
    progress: Progress | None = None
    sums: ImportSums = field(default_factory=ImportSums)
    _seen: dict[bytes, str] = field(default_factory=dict)
    _people: OrderedDict[str, str] = field(default_factory=OrderedDict)
    _orders: FreeOrders | None = None

    async def run(self, source: ForeignSource, asked: SourceRequest) -> ImportSums:
        """Do it.

        Raises:
            ImportFailed: The source cannot be read.
            DatabaseError: The database went away; what is in stays in.
        """
        loop = asyncio.get_running_loop()
        # A thread of its own: a database there may need an event loop of its own, in one thread.
        with ThreadPoolExecutor(1, thread_name_prefix="import") as reading:
            threads = _portions(source.threads(asked))
            try:
                while portion := await loop.run_in_executor(reading, next, threads, None):
                    await self._take(portion)
                    if self.progress is not None:
                        self.progress(self.sums, asked.far.look())
            finally:
                await loop.run_in_executor(reading, threads.close)
        return self.sums

    async def _take(self, portion: list[ForeignThread]) -> None:
        self.sums.read += len(portion)
        named = [thread for thread in portion if self._is_first(thread)]
        here = AlreadyHere({}, frozenset())
        if self.database is not None:
            here = await already_here(self.database, self.naming, named)
        new = [thread for thread in named if self._is_new(thread, here)]
        if new:
            people = await self._enter([self._user(thread) for thread in new])
            await self._write(new, people)

    def _user(self, thread: ForeignThread) -> str:
        return thread.user or self.owner or f"thread {thread.key}"

    def _is_first(self, thread: ForeignThread) -> bool:
        """Whether it was not read before; another with the same id gets one of its own."""
        make_distinct(thread, self.told)
        if not thread.messages:
            self.told.left_out(thread.place, "a thread without messages", "nothing of it is to be kept")
            self.sums.refused += 1
            return False
        digest = content_digest(thread)
        if not thread.is_named:
            # Where it stands is no id: another file has another there. It is known by what was said in it.
            thread.key = f"said {digest[:32]}"
        said, key = digest[:16], thread.key
        for number in count(2):
            name = hashlib.sha256(thread.key.encode("utf-8", "surrogatepass")).digest()[:8]
            before = self._seen.get(name)
            if before is None:
                self._seen[name] = said
                break
            if before == said and thread.is_named:
                self.told.left_out(thread.place, f"the same thread once more: {key}", "it goes in once")
                return False
            thread.key = f"{key}~{number}"
        if thread.key != key and thread.is_named:
            self.told.note(
                thread.place,
                f"another thread with an id that was there: {key}",
                f"both go in, this one as {thread.key}; see which of the two is meant",
            )
        return True

    def _is_new(self, thread: ForeignThread, here: AlreadyHere) -> bool:
        if self.naming.thread_id(thread.key) in here.withdrawn:
            self.told.left_out(
                thread.place, "a thread of a participant who has withdrawn", "it stays out, as was asked for"
            )
            self.sums.withdrawn += 1
            return False
        digest = here.digests.get(known_key(thread.key))
        if digest is None:
            return True
        self.sums.here += 1
        if digest != content_digest(thread):
            self.sums.changed += 1
            self.told.left_out(
                thread.place,
                "a thread that was imported before, in other words",
                "it stays as it was imported; give it another id there to have both",
            )
        return False

    async def _enter(self, users: list[str]) -> dict[str, str]:
        """The participants of threads, whoever is new among them made first."""
        wanted = list(dict.fromkeys(user for user in users if user not in self._people))
        if self.database is not None and wanted:
            self._people |= await participants_of(self.database, self.naming, wanted)
        new = [user for user in wanted if user not in self._people]
        self.sums.participants += len(new)
        if self.record is None:
            self._people |= {user: str(uuid.uuid4()) for user in new}
        else:
            outcomes = await asyncio.gather(
                *(self.record.writer.submit(self._person(user, self.origin.at)) for user in new)
            )
            for user, outcome in zip(new, outcomes, strict=True):
                self._people[user] = _sure(outcome).participant_id or ""
        found = {user: self._people[user] for user in users}
        while len(self._people) > _REMEMBERED:
            self._people.popitem(last=False)
        return found

    def _person(self, user: str, now: datetime) -> Enter:
        new, study = str(uuid.uuid4()), self.naming.study_id
        identity = identity_row(study, new, IMPORTED, user, self.naming.person(user), now)
        row = {"participant_id": new, "study_id": study, "source": IMPORTED, "created_at": now}
        return Enter(identity, row)

    async def _write(self, threads: list[ForeignThread], people: dict[str, str]) -> None:
        units = [
            unit_of(
                thread,
                self.naming.thread_id(thread.key),
                people[self._user(thread)],
                self.origin,
                self.told,
            )
            for thread in threads
        ]
        if self.record is None:
            for unit in units:
                self._count(unit)
            return
        self._orders = self._orders or FreeOrders(self.record.database)
        start = await self._orders.take(sum(len(unit.writes) for unit in units))
        waiting = []
        for unit in units:
            orders = range(start, start + len(unit.writes))
            waiting.append(self.record.writer.submit(*unit.placed(start), orders=orders))
            start += len(unit.writes)
        for thread, unit, outcome in zip(threads, units, await asyncio.gather(*waiting), strict=True):
            self._settle(thread, unit, _sure(outcome))

    def _settle(self, thread: ForeignThread, unit: ThreadUnit, outcome: Outcome) -> None:
        if outcome.reason in (Reason.HAS_WITHDRAWN, Reason.NOT_TAKEN_BY_DATABASE):
            self.sums.refused += 1
            self.told.left_out(thread.place, "a thread that the record refused", outcome.refused or "")
            return
        if outcome.reason is not None:
            self.told.note(
                thread.place, "something of a thread that the record refused", outcome.refused or ""
            )
        self._count(unit)

    def _count(self, unit: ThreadUnit) -> None:
        self.sums.threads += 1
        self.sums.messages += unit.messages


def _sure(outcome: Outcome) -> Outcome:
    if outcome.journaled:
        raise DatabaseError(_AWAY)
    return outcome


def _portions(threads: Iterator[ForeignThread]) -> Generator[list[ForeignThread]]:
    """Threads in lists of so many messages, about."""
    portion: list[ForeignThread] = []
    messages = 0
    for thread in threads:
        portion.append(thread)
        messages += len(thread.messages)
        if messages >= PORTION or len(portion) >= _THREADS:
            yield portion
            portion, messages = [], 0
    if portion:
        yield portion
