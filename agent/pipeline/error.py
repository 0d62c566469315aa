"""Where something broke: which stage, and the kind of error; its words are for the log and the run alone."""

from collections.abc import AsyncGenerator

from agent.events import Event, StepEnded, StepStarted
from agent.pipeline.stage import StageBroke, as_json
from study.errors import AgentError, AgentUnavailable
from study.vocabulary import StepType


async def run_error(broke: StageBroke) -> AsyncGenerator[Event]:
    """Keep that a stage broke, and end the reply.

    Args:
        broke: The stage that broke.

    Yields:
        The error step.

    Raises:
        AgentError: Always: the participant gets a sentence and a Retry.
    """
    cause = broke.__cause__
    kind = cause.error_type if isinstance(cause, AgentError) else type(cause).__name__
    name = StepType.ERROR.value
    yield StepStarted(name, name, name, as_json({"stage": str(broke)}))
    yield StepEnded(name, as_json({"error_type": kind}), is_error=True)
    if isinstance(cause, AgentError):
        raise cause
    raise AgentUnavailable(f"the stage {broke} broke: {cause!r}", error_type=kind) from cause
