"""The agents and starters as Chainlit's page offers them."""

from urllib.parse import quote

from chainlit.types import ChatProfile, Starter

from agent.registry import AgentRegistry
from study.loader import LoadedStudy


def profiles_of(study: LoadedStudy, agents: AgentRegistry) -> list[ChatProfile]:
    """A chat profile for each agent that can answer.

    Args:
        study: For its starters.
        agents: Who can answer.

    Returns:
        The default first.
    """
    return [
        ChatProfile(
            name=agent.name,
            markdown_description=agents.descriptions.get(agent.name, ""),
            # Chainlit draws a description only beside an icon (frontend WelcomeScreen.tsx).
            icon="/avatars/" + quote(agent.name),
            default=agent is agents.default,
            starters=starters_of(study),
        )
        for agent in agents.offered
    ]


def starters_of(study: LoadedStudy) -> list[Starter]:
    """The messages that the page offers before the first one is written."""
    return [Starter(label=one.label, message=one.message) for one in study.definition.starters]
