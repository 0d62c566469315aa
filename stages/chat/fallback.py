"""Who answers where an agent could not."""

from collections.abc import Mapping

from agent.base import Agent
from stages.chat.reply import Reply


class Fallbacks:
    """The agents that step in.

    Args:
        of: Who does, by the name of the agent that could not answer.
    """

    def __init__(self, of: Mapping[str, Agent] | None = None) -> None:
        self._of = of or {}

    def after(self, agent: Agent, reply: Reply) -> Agent | None:
        """Who answers now that a reply has failed; None where nobody does.

        Nobody does once something of the reply was read, for words that were read are not replaced; nor
        once a tool was called, for what it did would be done again.

        Args:
            agent: Who failed.
            reply: How far it came.
        """
        return None if reply.has_begun else self._of.get(agent.name)
