"""What coders have to code, how far they are, and what has come since they said that a thread is done."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, case, func, or_, select

from data_layer.coding.codebook import Codebook, living_since
from data_layer.coding.given_tasks import GivenTasks
from data_layer.database import schema
from data_layer.writing.coding_writes import FinishCoding
from data_layer.writing.store import Store
from study.vocabulary import MESSAGE_TYPES, ThreadState

_given, _threads, _steps = schema.coding_assignments, schema.threads, schema.steps
_MESSAGES: Final = tuple(kind.value for kind in MESSAGE_TYPES)


@dataclass(frozen=True)
class Task:
    """A thread that somebody has to code.

    Args:
        thread_id: The thread.
        researcher_id: Who.
        finished_at: When they said that it is coded; None while it is open.
        messages: How many messages have come since.
        codebook_version: The codebook's at that moment.
        is_behind: The codebook has codes that could not be given then.
    """

    thread_id: str
    researcher_id: str
    finished_at: datetime | None
    messages: int
    codebook_version: int | None
    is_behind: bool

    @property
    def has_changed(self) -> bool:
        """Whether it is done, and something has come since."""
        return self.finished_at is not None and (self.messages > 0 or self.is_behind)


@dataclass(frozen=True)
class CodingProgress:
    """How far somebody is.

    Args:
        researcher_id: Who.
        given: How many threads are theirs to code.
        finished: How many of them they have coded.
        changed: In how many of those something has come since.
        last_at: When they last finished one.
    """

    researcher_id: str
    given: int = 0
    finished: int = 0
    changed: int = 0
    last_at: datetime | None = None

    @property
    def open(self) -> int:
        """How many are to be coded yet."""
        return self.given - self.finished


class CodingTasks:
    """Reads who has what to code, and notes what is done.

    `given` gives them, and takes them back. Threads of participants who have withdrawn are nobody's to code
    any more, and count nowhere.

    Args:
        store: Read from, and written through.
        codebook: Whose codes may be newer than what was coded.
    """

    def __init__(self, store: Store, codebook: Codebook) -> None:
        self._store = store
        self.given = GivenTasks(store)
        self._codebook = codebook

    async def finish(self, thread_id: str, researcher_id: str, *, finished: bool = True) -> None:
        """Note that a thread is coded, or is not after all.

        Args:
            thread_id: The thread.
            researcher_id: Whose it is to code: nobody else says so.
            finished: False takes it back.

        Raises:
            WriteRefused: It is not theirs to code, or was not done.
            DatabaseError: The database does not answer.
        """
        await self._store.commit(FinishCoding(thread_id, researcher_id, self._store.clock(), finished))

    async def reads(self, thread_id: str) -> str:
        """A sign for the messages that stand in a thread: another one when any has come, or left.

        Raises:
            SQLAlchemyError: The database is away.
        """
        standing = (
            _steps.c.thread_id == thread_id,
            _steps.c.type.in_(_MESSAGES),
            _steps.c.deleted_at.is_(None),
        )
        told: tuple[Any, ...] = func.count().label("messages"), func.max(_steps.c.created_at).label("newest")
        (row,) = await self._rows(select(*told).select_from(_steps).where(*standing))
        return f"{row.messages}:{f'{row.newest:%Y%m%d%H%M%S%f}' if row.newest else ''}"

    async def of(self, thread_ids: Sequence[str], researcher_id: str | None = None) -> dict[str, list[Task]]:
        """Who has threads to code, and how each of them stands; of a page of threads.

        Args:
            thread_ids: Which.
            researcher_id: Only this one's, when given.

        Raises:
            SQLAlchemyError: The database is away.
        """
        newest = await self._newest_code()
        came = select(func.count()).where(*_came_since()).scalar_subquery()
        query = _living(_given, came.label("messages")).where(_given.c.thread_id.in_(thread_ids))
        if researcher_id is not None:
            query = query.where(_given.c.researcher_id == researcher_id)
        found: dict[str, list[Task]] = {}
        for row in await self._rows(query.order_by(_given.c.created_at, _given.c.assignment_id)):
            version = row.codebook_version
            task = Task(
                row.thread_id,
                row.researcher_id,
                row.finished_at,
                row.messages,
                version,
                version is not None and version < newest,
            )
            found.setdefault(row.thread_id, []).append(task)
        return found

    async def one(self, thread_id: str, researcher_id: str) -> Task | None:
        """A thread, as somebody has it to code; None when they have not.

        Raises:
            SQLAlchemyError: The database is away.
        """
        found = await self.of([thread_id], researcher_id)
        return next(iter(found.get(thread_id, [])), None)

    async def progress(self, researcher_id: str | None = None) -> dict[str, CodingProgress]:
        """How far everybody is who has something to code, or one of them.

        Raises:
            SQLAlchemyError: The database is away.
        """
        behind = _given.c.codebook_version < await self._newest_code()
        since = select(_steps.c.step_id).where(*_came_since()).exists()
        changed = case((or_(behind, since), 1), else_=0)
        done = _given.c.finished_at.is_not(None)
        query = _living(
            _given.c.researcher_id,
            func.count().label("given"),
            func.count(_given.c.finished_at).label("finished"),
            func.sum(case((done, changed), else_=0)).label("changed"),
            func.max(_given.c.finished_at).label("last_at"),
        ).group_by(_given.c.researcher_id)
        if researcher_id is not None:
            query = query.where(_given.c.researcher_id == researcher_id)
        return {
            row.researcher_id: CodingProgress(
                row.researcher_id, row.given, row.finished, int(row.changed or 0), row.last_at
            )
            for row in await self._rows(query)
        }

    async def next_open(self, researcher_id: str, after: str | None = None) -> str | None:
        """The thread that somebody has to code next: the first open one behind another, or of all.

        Args:
            researcher_id: Who.
            after: The thread that they come from.

        Returns:
            None when all are done.

        Raises:
            SQLAlchemyError: The database is away.
        """
        query = _living(_given.c.thread_id, _given.c.finished_at)
        query = query.where(_given.c.researcher_id == researcher_id)
        rows = await self._rows(query.order_by(_given.c.created_at, _threads.c.seq))
        ids = [row.thread_id for row in rows]
        place = ids.index(after) + 1 if after in ids else 0
        return next(
            (row.thread_id for row in (*rows[place:], *rows[:place]) if row.finished_at is None), None
        )

    async def _newest_code(self) -> int:
        return max(living_since(await self._codebook.history()).values(), default=0)

    async def _rows(self, query: Select[Any]) -> Sequence[Any]:
        async with self._store.database.engine.connect() as connection:
            rows: Sequence[Any] = (await connection.execute(query)).all()
            return rows


def _living(*columns: Any) -> Select[Any]:
    """What is somebody's to code now."""
    there = _threads.c.state != ThreadState.WITHDRAWN.value
    joined = _given.join(_threads, _threads.c.thread_id == _given.c.thread_id)
    return select(*columns).select_from(joined).where(there, _given.c.ended_at.is_(None))


def _came_since() -> tuple[ColumnElement[bool], ...]:
    """Whether a step is a message that has come since a thread was coded, and stands."""
    return (
        _steps.c.thread_id == _given.c.thread_id,
        _steps.c.type.in_(_MESSAGES),
        _steps.c.deleted_at.is_(None),
        _steps.c.created_at > _given.c.finished_at,
    )
