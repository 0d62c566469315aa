"""The agents and starters as Chainlit's page offers them."""

from chainlit.types import ChatProfile, Starter

from agent.registry import AgentRegistry
from study.loader import LoadedStudy


def profiles_of(study: LoadedStudy, agents: AgentRegistry) -> list[ChatProfile]:
    """A chat profile for each agent that can answer; the study's welcome text stands on each.

    Args:
        study: For its welcome text and its agents' descriptions.
        agents: Who can answer.

    Returns:
        The default first.
    """
    profiles = []
    for agent in agents.offered:
        parts = (study.definition.welcome, agents.descriptions.get(agent.name, ""))
        profiles.append(
            ChatProfile(
                name=agent.name,
                markdown_description="\n\n".join(part.strip() for part in parts if part.strip()),
                default=agent is agents.default,
                starters=starters_of(study),
            )
        )
    return profiles


def starters_of(study: LoadedStudy) -> list[Starter]:
    """The messages that the page offers before the first one is written."""
    return [Starter(label=one.label, message=one.message) for one in study.definition.starters]
