"""Which thread, intent and run a turn is."""

from typing import Final

from agent.pipeline.stage import Stage
from study.vocabulary import StepType

STAGE: Final = Stage(StepType.SESSION, lambda work: work.session())
