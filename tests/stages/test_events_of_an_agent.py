"""Each kind of event that an agent may yield is handled by a reply; another stops it."""

from dataclasses import dataclass
from typing import get_args

from agent.events import Event
from stages.chat.reply import HANDLERS
from tests.fakes import FakeAgent
from tests.stages.talk import Talk, words


@dataclass(frozen=True, slots=True)
class IntentChanged:
    """A kind of event that nobody has written a handler for."""

    name: str


def test_every_kind_has_its_handler() -> None:
    """A kind that joins the others without a handler is seen here, and one that left takes its own along."""
    assert set(HANDLERS) == set(get_args(Event))


async def test_a_kind_without_a_handler_is_not_passed_over(talk: Talk, agent: FakeAgent) -> None:
    """The reply fails with what it had shown, and its run names what came."""
    agent.enqueue(*words("Half an "), IntentChanged("to leave"), *words("answer."))  # type: ignore[arg-type]
    await talk.say("Hello")
    (run,) = await talk.runs()
    assert (run["status"], run["error_type"]) == ("failed", "LookupError")
    assert "IntentChanged" in run["error_message"]
    assert (await talk.steps())[1]["output"] == "Half an "
