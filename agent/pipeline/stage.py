"""What a stage is: one piece of a turn's work, whose beginning and end are events like a tool's."""

import json
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Protocol

from agent.events import Event, Json, StepEnded, StepStarted
from study.text import storable_json
from study.vocabulary import StepType


class TurnWork(Protocol):
    """A turn as its agent works on it; each stage takes the part that bears its name.

    The methods of stages that are steps yield what the stage was given, do it, and yield what came of it;
    they yield nothing where a turn has nothing for them.
    """

    def session(self) -> Iterator[Json]:
        """Which thread, intent and run this is."""

    def recognise(self) -> Iterator[Json]:
        """What the participant may want, with scores."""

    def handle(self) -> Iterator[Json]:
        """Which of these it is, or which fallback attempt is made."""

    def extract(self) -> Iterator[Json]:
        """What of the intent's parameters was said."""

    def moves(self) -> AsyncGenerator[Event]:
        """How intents begin and change, for the record; asked after a stage that may move them."""

    def act(self) -> AsyncGenerator[Event]:
        """The tools, called: each a step of its own."""

    def respond(self) -> Iterator[Json]:
        """What is said; the output's "text" is the reply."""

    def say(self) -> AsyncGenerator[Event]:
        """The words, as they go out, and how the intent ends."""


@dataclass(frozen=True)
class Stage:
    """One piece of a turn's work.

    Args:
        kind: The type of its step; its name as well, for which the page has words. None where the stage
            has no step of its own: the tools that it calls are steps.
        does: Yields its input, does it, yields its output.
        events: What follows from it.
    """

    kind: StepType | None
    does: Callable[[TurnWork], Iterator[Json]] | None = None
    events: Callable[[TurnWork], AsyncGenerator[Event]] | None = None


async def run_stage(stage: Stage, work: TurnWork) -> AsyncGenerator[Event]:
    """Do one stage.

    Args:
        stage: Which.
        work: The turn.

    Yields:
        Its step, begun and ended, and what follows from it.

    Raises:
        StageBroke: Something went wrong in it.
    """
    try:
        if stage.does is not None and stage.kind is not None:
            name = stage.kind.value
            work_on = stage.does(work)
            for given in work_on:
                yield StepStarted(name, name, name, as_json(given))
                try:
                    came = next(work_on)
                except Exception:
                    yield StepEnded(name, is_error=True)
                    raise
                yield StepEnded(name, as_json(came))
        if stage.events is not None:
            async with aclosing(stage.events(work)) as events:
                async for event in events:
                    yield event
    except Exception as error:
        raise StageBroke(stage.kind) from error


class StageBroke(Exception):
    """A stage could not be done; its cause says why."""

    def __init__(self, kind: StepType | None) -> None:
        super().__init__(kind.value if kind else StepType.TOOL.value)


def as_json(value: Json) -> str:
    """Write what a step was given, or what came of it."""
    return json.dumps(storable_json(value), ensure_ascii=False)
