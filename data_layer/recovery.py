"""What a start does about an end that was not one."""

from sqlalchemy import select

from data_layer import schema
from data_layer.engine import Database
from data_layer.order import Clock
from data_layer.writer import Writer
from data_layer.writes import PatchRow, PutStep, Write
from study.vocabulary import Status


async def mark_interrupted(database: Database, writer: Writer, clock: Clock) -> int:
    """Mark what a killed process left open: replies and runs interrupted, connections closed.

    One process serves a study (docs/decisions/0005), so that nothing open can be another's.

    Returns:
        How many replies and steps were still streaming; they keep what was shown.
    """
    now = clock()
    async with database.engine.connect() as connection:
        steps = (
            await connection.execute(
                select(schema.steps.c.step_id, schema.steps.c.thread_id).where(
                    schema.steps.c.status == Status.STREAMING.value
                )
            )
        ).all()
        runs = (
            await connection.scalars(
                select(schema.runs.c.run_id).where(schema.runs.c.status == Status.STREAMING.value)
            )
        ).all()
        calls = (
            await connection.scalars(
                select(schema.llm_calls.c.llm_call_id).where(
                    schema.llm_calls.c.status == Status.STREAMING.value
                )
            )
        ).all()
        open_connections = (
            await connection.scalars(
                select(schema.connections.c.connection_id).where(schema.connections.c.closed_at.is_(None))
            )
        ).all()
    interrupted = {"status": Status.INTERRUPTED.value}
    writes: list[Write] = [
        PutStep({"step_id": step_id, "thread_id": thread_id, **interrupted}, now)
        for step_id, thread_id in steps
    ]
    writes += [PatchRow("runs", {"run_id": run_id}, {**interrupted, "ended_at": now}) for run_id in runs]
    writes += [PatchRow("llm_calls", {"llm_call_id": call_id}, interrupted) for call_id in calls]
    writes += [
        PatchRow("connections", {"connection_id": one}, {"closed_at": now, "close_reason": "server stopped"})
        for one in open_connections
    ]
    if writes:
        await writer.submit(*writes)
    return len(steps)
