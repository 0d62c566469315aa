"""Somebody's own coding: what is theirs, how a thread of it stands, and how far they are."""

from dataclasses import dataclass

from data_layer.coding.codebook import living_since
from data_layer.coding.coding_tasks import CodingProgress, Task
from data_layer.database.rows import Row
from research.routing import ResearchRequest
from study.roles import Right
from study.vocabulary import ThreadState


@dataclass(frozen=True)
class OwnTask:
    """A thread that whoever asks has to code.

    Args:
        task: How it stands.
        progress: How far they are.
        new_codes: Names of the codes that could not be given when they said that it is coded.
        seen: Which messages their page has, as CodingTasks.reads tells it.
    """

    task: Task
    progress: CodingProgress
    new_codes: list[str]
    seen: str

    @property
    def others(self) -> int:
        """How many other threads of theirs are open."""
        return self.progress.open - (self.task.finished_at is None)


async def own_task(visit: ResearchRequest, thread: Row, seen: str | None = None) -> OwnTask | None:
    """A thread as whoever asks has it to code; None when they have not.

    Args:
        visit: Who asks.
        thread: Which.
        seen: What their page has of it already; what is there now when None.

    Raises:
        SQLAlchemyError: The database is away.
    """
    record, me = visit.room.record, visit.researcher.researcher_id
    may = visit.may(Right.ANNOTATE) and thread["state"] != ThreadState.WITHDRAWN.value
    task = await record.coding_tasks.one(thread["thread_id"], me) if may else None
    if task is None:
        return None
    progress = (await record.coding_tasks.progress(me)).get(me, CodingProgress(me))
    history = await record.codebook.history() if task.is_behind else []
    names = {code.code_id: code.name for code in reversed(history)}
    new = [names[one] for one, since in living_since(history).items() if since > (task.codebook_version or 0)]
    if seen is None:
        seen = await record.coding_tasks.reads(thread["thread_id"])
    return OwnTask(task, progress, new, seen)


async def own_progress(visit: ResearchRequest) -> CodingProgress | None:
    """How far whoever asks is; None when nothing is theirs to code.

    Raises:
        SQLAlchemyError: The database is away.
    """
    me = visit.researcher.researcher_id
    if not visit.may(Right.ANNOTATE):
        return None
    return (await visit.room.record.coding_tasks.progress(me)).get(me)
