"""The agents and starters as Chainlit's page offers them."""

from urllib.parse import quote

from chainlit.types import ChatProfile, Starter

from agent.registry import AgentRegistry
from study.loader import LoadedStudy
from study.strings import ENGLISH, strings_in


def profiles_of(
    study: LoadedStudy,
    agents: AgentRegistry,
    public_path: str = "",
    *,
    language: str = ENGLISH,
    for_operator: bool = False,
) -> list[ChatProfile]:
    """A chat profile for each agent that can answer.

    Args:
        study: For its starters.
        agents: Who can answer.
        public_path: Where the page is found on its host.
        language: One of LANGUAGES.
        for_operator: Whether whoever runs the study reads it: then it says why an agent stands in.

    Returns:
        The default first.
    """

    def described(name: str) -> str:
        parts = [agents.descriptions.get(name, "")]
        if name == agents.stand_in:
            parts.append(strings_in(language)("chat.stand_in"))
        if for_operator:
            parts.append(agents.notes.get(name, ""))
        return "\n\n".join(part for part in parts if part)

    return [
        ChatProfile(
            name=agent.name,
            markdown_description=described(agent.name),
            # Chainlit draws a description only beside an icon (frontend WelcomeScreen.tsx).
            icon=f"{public_path}/avatars/" + quote(agent.name),
            default=agent is agents.default,
            starters=starters_of(study),
        )
        for agent in agents.offered
    ]


def starters_of(study: LoadedStudy) -> list[Starter]:
    """The messages that the page offers before the first one is written."""
    return [Starter(label=one.label, message=one.message) for one in study.definition.starters]
