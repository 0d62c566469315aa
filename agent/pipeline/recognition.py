"""What the participant may want, with scores."""

from typing import Final

from agent.pipeline.stage import Stage
from study.vocabulary import StepType

STAGE: Final = Stage(StepType.INTENT_RECOGNITION, lambda work: work.recognise())
