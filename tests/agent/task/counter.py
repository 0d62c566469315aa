"""A counter at which texts are said to a task agent, and what came of them."""

from pathlib import Path
from typing import Any, Final

from agent.base import Agent
from agent.context import KeptCall, ReplyContext, Utterance
from agent.events import Event, StepEnded, StepStarted, TextDelta
from agent.registry import build_agents
from agent.tools.keeping import MemoryKeeping
from bench.dialogs_play import order_made, steps_of
from study.loader import load_study

COFFEE: Final = Path(__file__).resolve().parents[3] / "studies" / "coffee"


def barista() -> Agent:
    """The coffee shop's agent without a model."""
    return build_agents(load_study(COFFEE)).default


class Counter:
    """A conversation with an agent.

    Args:
        agent: Which.
    """

    def __init__(self, agent: Agent) -> None:
        self.turns: list[Utterance] = []
        self.calls: list[KeptCall] = []
        self.events: list[Event] = []
        self._agent = agent
        self._keeping = MemoryKeeping()

    async def say(self, text: str) -> str:
        """Say something.

        Returns:
            The answer.
        """
        self.turns.append(Utterance("user", text))
        number = str(len(self.turns))
        before = list(self.calls)

        async def kept() -> list[KeptCall]:
            return before

        context = ReplyContext("t", number, "p", number, number, keeping=self._keeping, kept_calls=kept)
        self.events = [event async for event in self._agent.reply(list(self.turns), context)]
        answer = "".join(event.text for event in self.events if isinstance(event, TextDelta))
        self.turns.append(Utterance("assistant", answer))
        self.calls += [
            KeptCall(name, given, came, '"error_type"' in came)
            for kind, name, given, came in steps_of(self.events)
            if kind == "tool"
        ]
        return answer

    async def order(self, *texts: str) -> list[tuple[Any, ...]]:
        """Say texts; what is then finished: drink, quantity, and what was said of it."""
        for text in texts:
            await self.say(text)
        made = order_made(self.calls)
        items = made.items if made else []
        return [
            (one.drink, one.quantity, *sorted(one.options | one.addons), *([one.notes] if one.notes else []))
            for one in items
        ]

    @property
    def steps(self) -> list[str]:
        """The types of the last turn's steps, in order."""
        return [event.type for event in self.events if isinstance(event, StepStarted)]

    @property
    def failed(self) -> list[str]:
        """The steps of the last turn that failed, by their keys."""
        return [event.key for event in self.events if isinstance(event, StepEnded) and event.is_error]
