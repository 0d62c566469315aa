"""What is said: written first, then sent as it goes out."""

from typing import Final

from agent.pipeline.stage import Stage
from study.vocabulary import StepType

STAGE: Final = Stage(StepType.RESPONSE, lambda work: work.respond(), lambda work: work.say())
