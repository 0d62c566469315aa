"""What is done about an end that was not one: what a process left open is closed when it is gone."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, literal_column, or_, select

from data_layer.database import schema
from data_layer.database.engine import Database
from data_layer.database.order import Clock
from data_layer.writing.processes import OPEN_CONNECTIONS, OPEN_RUNS
from data_layer.writing.writer import Writer
from data_layer.writing.writes import PatchRow, PutStep, Write
from study.vocabulary import Status

# Words of their own, for the sake of the index (processes.py).
_OPEN_STEPS: ColumnElement[bool] = literal_column("steps.status = 'streaming'")


async def mark_interrupted(
    database: Database, writer: Writer, clock: Clock, gone: Collection[str], *, nobodys: bool
) -> int:
    """Mark what processes that are gone left open: replies and runs interrupted, connections closed.

    Several may serve a study (docs/decisions/0002), and what those that live have open goes on.

    Args:
        gone: The processes.
        nobodys: Mark what no process is named of as well, as the rows of an earlier version are.

    Returns:
        How many replies and steps were still streaming; they keep what was shown.
    """
    now = clock()
    runs, steps, calls = schema.runs, schema.steps, schema.llm_calls
    connections = schema.connections

    def left(process_id: ColumnElement[str | None]) -> ColumnElement[bool]:
        return or_(process_id.in_(gone), process_id.is_(None)) if nobodys else process_id.in_(gone)

    open_steps = (
        select(steps.c.step_id, steps.c.thread_id)
        .outerjoin(runs, runs.c.run_id == steps.c.run_id)
        .where(_OPEN_STEPS, left(runs.c.process_id))
    )
    open_calls = (
        select(calls.c.llm_call_id)
        .outerjoin(runs, runs.c.run_id == calls.c.run_id)
        .where(calls.c.status == Status.STREAMING.value, left(runs.c.process_id))
    )
    async with database.engine.connect() as connection:
        step_ids = (await connection.execute(open_steps)).all()
        run_ids = await connection.scalars(select(runs.c.run_id).where(OPEN_RUNS, left(runs.c.process_id)))
        call_ids = await connection.scalars(open_calls)
        connection_ids = await connection.scalars(
            select(connections.c.connection_id).where(OPEN_CONNECTIONS, left(connections.c.process_id))
        )
    interrupted = {"status": Status.INTERRUPTED.value}
    ended, closed = {**interrupted, "ended_at": now}, {"closed_at": now, "close_reason": "server stopped"}
    # Two processes may see one go: what the first has closed stays as it is.
    writes: list[Write] = [
        PutStep({"step_id": step_id, "thread_id": thread_id, **interrupted}, now)
        for step_id, thread_id in step_ids
    ]
    writes += [PatchRow("runs", {"run_id": one}, ended, "ended_at") for one in run_ids]
    writes += [PatchRow("llm_calls", {"llm_call_id": one}, interrupted, "ended_at") for one in call_ids]
    writes += [PatchRow("connections", {"connection_id": one}, closed, "closed_at") for one in connection_ids]
    if writes:
        await writer.submit(*writes)
    return len(step_ids)
