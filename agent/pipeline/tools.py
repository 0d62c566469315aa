"""The tools are called: each call is a step of type tool, so that the stage has none of its own."""

from typing import Final

from agent.pipeline.stage import Stage

STAGE: Final = Stage(None, events=lambda work: work.act())
