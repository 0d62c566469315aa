"""Which intent it is, or which fallback attempt is made."""

from typing import Final

from agent.pipeline.stage import Stage
from study.vocabulary import StepType

STAGE: Final = Stage(StepType.INTENT_HANDLING, lambda work: work.handle(), events=lambda work: work.moves())
