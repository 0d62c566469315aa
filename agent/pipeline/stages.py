"""The stages of a turn, in their order; a new one is a file of its own and a line here."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Final

from agent.events import Done, Event
from agent.pipeline import extraction, handling, recognition, response, session, tools
from agent.pipeline.error import run_error
from agent.pipeline.stage import Stage, StageBroke, TurnWork, run_stage

STAGES: Final[tuple[Stage, ...]] = (
    session.STAGE,
    recognition.STAGE,
    handling.STAGE,
    extraction.STAGE,
    tools.STAGE,
    response.STAGE,
)


async def run_turn(work: TurnWork) -> AsyncGenerator[Event]:
    """Answer a turn, stage by stage.

    Args:
        work: The turn, as its agent works on it.

    Yields:
        The events of the reply (agent/events.py).

    Raises:
        AgentError: A stage broke; its error step is the last event.
    """
    try:
        for stage in STAGES:
            async with aclosing(run_stage(stage, work)) as events:
                async for event in events:
                    yield event
    except StageBroke as broke:
        async for event in run_error(broke):
            yield event
    yield Done()
