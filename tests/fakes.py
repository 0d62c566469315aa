"""Small stand-ins for the world around the app: time, the screen, whoever answers."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

from agent.base import Agent
from agent.context import ReplyContext, Utterance
from agent.events import Event
from data_layer.chainlit.shapes import element_dict, run_dict, step_dict
from data_layer.database.rows import Row
from stages.chat.left import Left
from study.strings import strings_in

english = strings_in("en")


class HandClock:
    """A clock that a test turns by hand; it also goes on by a millisecond at each look."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 21, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        """Look at it."""
        self.moment += timedelta(milliseconds=1)
        return self.moment

    def forward(self, seconds: float) -> None:
        """Turn it; backward with a number below zero."""
        self.moment += timedelta(seconds=seconds)


class FakeTime:
    """Seconds that pass only while somebody sleeps in them: `sleep` and a monotonic clock."""

    def __init__(self) -> None:
        self.now = 0.0
        self._sleepers: list[tuple[float, asyncio.Future[None]]] = []

    def monotonic(self) -> float:
        """The time."""
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Wait until somebody has turned the time on far enough."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sleepers.append((self.now + seconds, future))
        await future

    async def pass_by(self, seconds: float) -> None:
        """Let time pass: each sleeper wakes at its own moment, and does what it does then."""
        end = self.now + seconds
        await settle()
        while due := sorted((one for one in self._sleepers if one[0] <= end), key=lambda one: one[0])[:1]:
            self.now = max(self.now, due[0][0])
            self._sleepers.remove(due[0])
            if not due[0][1].done():
                due[0][1].set_result(None)
            await settle()
        self.now = end
        await settle()


async def settle(rounds: int = 20) -> None:
    """Let every task that can go on without waiting for the world do so."""
    for _ in range(rounds):
        await asyncio.sleep(0)


class FakeScreen:
    """A participant's screen: holds what stands on it, and remembers each thing that it was told.

    It draws as Chainlit's page does: what has the same id is replaced, words are added to a reply.
    """

    def __init__(self) -> None:
        self.strings = english
        self.told: list[tuple[str, Any]] = []
        self.steps: dict[str, Row] = {}
        self.elements: dict[str, Row] = {}
        self.said: list[str] = []
        self.retries: list[tuple[str, str]] = []
        self.marks: dict[str, Row] = {}
        self.forms: dict[str, Row] = {}
        self.refused_forms: list[dict[str, Row]] = []
        self.intents: list[Row] = []

    @property
    def texts(self) -> list[str]:
        """The messages that stand on the screen, from top to bottom."""
        return [step["output"] for step in self.steps.values() if "message" in step["type"]]

    def count(self, kind: str) -> int:
        """How often it was told a kind of thing."""
        return sum(1 for told, _ in self.told if told == kind)

    async def kept(self, message: Row) -> None:
        """Say that a participant's message is kept."""
        self.told.append(("kept", message["step_id"]))

    async def show(self, step: Row) -> None:
        """Show a step or message, or replace what stands there under its id."""
        self._draw("show", step_dict(step))

    async def show_run(self, run: Row) -> None:
        """Show a run."""
        self._draw("show_run", run_dict(run))

    async def show_element(self, element: Row) -> None:
        """Show a file under its message."""
        shape = element_dict(element)
        self.told.append(("show_element", shape))
        self.elements[shape["id"]] = shape

    async def show_form(self, form: Row) -> None:
        """Show a form under its reply."""
        self.told.append(("show_form", form["state"]))
        self.forms[form["id"]] = form

    async def form_refused(self, form_id: str, errors: Mapping[str, Row]) -> None:
        """Say that a form was not kept."""
        self.told.append(("form_refused", form_id))
        self.refused_forms.append(dict(errors))

    async def begin(self, message: Row) -> None:
        """Show the first words of a reply that goes on."""
        self._draw("begin", step_dict(message))

    async def more(self, step_id: str, text: str) -> None:
        """Add words to it."""
        self.told.append(("more", text))
        self.steps[step_id] = self.steps[step_id] | {"output": self.steps[step_id]["output"] + text}

    async def remove(self, step_ids: Sequence[str]) -> None:
        """Take steps, messages and runs off the screen."""
        self.told.append(("remove", tuple(step_ids)))
        for step_id in step_ids:
            self.steps.pop(step_id, None)

    async def redraw(self, thread: Mapping[str, Any]) -> None:
        """Show a thread anew."""
        self.told.append(("redraw", thread["id"]))
        self.steps = {step["id"]: step | {"metadata": {}} for step in thread["steps"]}

    async def mark(self, marks: Mapping[str, Row]) -> None:
        """Show what stands with the messages beside their words."""
        self.told.append(("mark", marks))
        self.marks = dict(marks)

    async def show_intents(self, thread_id: str, shown: Sequence[Row]) -> None:
        """Show which intent is under way, and where others began and ended."""
        self.told.append(("intents", shown))
        self.intents = list(shown)

    async def offer_retry(self, notice_id: str, message_id: str) -> None:
        """Put a Retry under a notice."""
        self.told.append(("offer_retry", message_id))
        self.retries.append((notice_id, message_id))

    async def left(self, left: Left) -> None:
        """Show how much the participant may still use."""
        self.told.append(("left", left))

    async def busy(self, working: bool) -> None:
        """Say that the agent is at work."""
        self.told.append(("busy", working))

    async def say(self, text: str) -> None:
        """Show a passing line."""
        self.told.append(("say", text))
        self.said.append(text)

    def _draw(self, kind: str, shape: Row) -> None:
        self.told.append((kind, shape))
        self.steps[shape["id"]] = shape


# What a FakeAgent does next: yields an event, raises an error, or waits until an event is set.
Deed: TypeAlias = Event | Exception | asyncio.Event


class FakeAgent:
    """Answers with one script after another, and remembers what it was asked."""

    def __init__(self, *scripts: Sequence[Deed], name: str = "Agent") -> None:
        self.name = name
        self.kind = "fake"
        self.keeps_intents = False
        self.unavailable_because: str | None = None
        self.asked: list[list[Utterance]] = []
        self.contexts: list[ReplyContext] = []
        self.closed_early = 0
        self._scripts = list(scripts)

    def enqueue(self, *deeds: Deed) -> None:
        """Another script, for the reply after those that wait."""
        self._scripts.append(deeds)

    def do_next(self, *deeds: Deed) -> None:
        """The script for the next reply, whichever wait."""
        self._scripts.insert(0, deeds)

    async def reply(self, turns: Sequence[Utterance], context: ReplyContext) -> AsyncIterator[Event]:
        """Do what the next script says."""
        self.asked.append(list(turns))
        self.contexts.append(context)
        script = self._scripts.pop(0)
        done = 0
        try:
            for deed in script:
                if isinstance(deed, Exception):
                    raise deed
                if isinstance(deed, asyncio.Event):
                    await deed.wait()
                else:
                    yield deed
                done += 1
        finally:
            self.closed_early += done < len(script)

    async def close(self) -> None:
        """Hold nothing."""


class FakeAgents:
    """The agents of a study; the first is the default."""

    def __init__(self, *agents: Agent) -> None:
        self._agents = agents

    @property
    def default(self) -> Agent:
        """Who answers when nobody was chosen."""
        return self._agents[0]

    @property
    def offered(self) -> tuple[Agent, ...]:
        """Those that participants may choose."""
        return self._agents

    def get(self, name: str | None, _condition: str | None = None, _level: str | None = None) -> Agent | None:
        """The agent with a name."""
        return next((agent for agent in self._agents if agent.name == name), None)
