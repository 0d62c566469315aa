"""What of the intent's parameters was said."""

from typing import Final

from agent.pipeline.stage import Stage
from study.vocabulary import StepType

STAGE: Final = Stage(
    StepType.PARAMETER_EXTRACTION, lambda work: work.extract(), events=lambda work: work.moves()
)
