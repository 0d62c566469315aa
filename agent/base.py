"""The protocol between a chat and whoever answers in it.

An agent gets the turns so far and yields events (events.py). It knows nothing of pages, databases or
Chainlit: the chat stage shows and keeps what it yields.
"""

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from agent.context import ReplyContext, Utterance
from agent.events import Event


class Agent(Protocol):
    """Who answers.

    `name` is what the participant reads and what the record keeps; `kind` is its kind in
    study.yaml; `unavailable_because` says why it cannot answer as things are (no key, no file).
    One that has `keeps_intents = True` as well is told of its thread's intents (ReplyContext).
    """

    name: str
    kind: str

    @property
    def unavailable_because(self) -> str | None:
        """Why this agent cannot answer, with the repair; None when it can."""

    def reply(self, turns: Sequence[Utterance], context: ReplyContext) -> AsyncIterator[Event]:
        """Answer the last utterance.

        Args:
            turns: The conversation so far, oldest first; the last one is the participant's.
            context: Where the reply will stand.

        Returns:
            The events of the reply, in the order that events.py gives.

        Raises:
            AgentError: The agent could not answer, or not to the end.
        """

    async def close(self) -> None:
        """Let go of connections."""


def keeps_intents(agent: Agent) -> bool:
    """Whether an agent wants to know of its thread's intents."""
    return bool(getattr(agent, "keeps_intents", False))
