"""Who can answer in a study: one builder for each kind of agent."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, cast

from agent.base import Agent
from agent.eliza import ElizaAgent
from agent.scripted import ScriptedAgent
from study.definition import (
    AgentDefinition,
    AgentKind,
    ElizaDefinition,
    OpenAIDefinition,
    ScriptedDefinition,
)
from study.dialogs import parse_dialogs
from study.loader import LoadedStudy

# OpenAI's client insists on a key; servers on one's own machine do not look at it.
PLACEHOLDER_KEY: Final = "no-key-needed"
STAND_IN_NAMES: Final = ("ELIZA", "ELIZA (1966)")
NO_MODEL_NOTE: Final = (
    "This is ELIZA, a program of 1966 that follows rules. No language model is connected: set "
    "OPENAI_API_KEY, or OPENAI_BASE_URL and VERBATIM_MODEL for a server of your own, or start with "
    "`scripts/run --local-model`."
)


@dataclass(frozen=True, slots=True)
class Connection:
    """How models are reached.

    Args:
        api_key: OPENAI_API_KEY.
        base_url: OPENAI_BASE_URL: any server that speaks OpenAI's chat completions.
        default_model: VERBATIM_MODEL, for agents whose definition names none.
        timeout_s: The longest wait for a connection's next byte.
        max_retries: How often the client tries again before the first token.
    """

    api_key: str | None = None
    base_url: str | None = None
    default_model: str | None = None
    timeout_s: float = 60.0
    max_retries: int = 2


class AgentRegistry:
    """The agents of a study.

    Args:
        agents: Those that can answer, the default one first; at least one.
        descriptions: What participants read of each, by name.
        unavailable: Why the others cannot answer, with the repair, by name.
        stand_in: The name of the ELIZA that was added because nobody else can answer; else None.
    """

    def __init__(
        self,
        agents: tuple[Agent, ...],
        descriptions: Mapping[str, str],
        unavailable: Mapping[str, str],
        stand_in: str | None = None,
    ) -> None:
        self.offered = agents
        self.descriptions = descriptions
        self.unavailable = unavailable
        self.stand_in = stand_in
        self._by_name = {agent.name: agent for agent in agents}

    @property
    def default(self) -> Agent:
        """The agent that a new thread begins with."""
        return self.offered[0]

    def get(self, name: str | None) -> Agent | None:
        """Find an agent that can answer.

        Args:
            name: As the study file writes it.

        Returns:
            The agent, or None: there is none of this name, or it cannot answer.
        """
        return self._by_name.get(name) if name is not None else None

    async def close(self) -> None:
        """Let go of every agent's connections."""
        for agent in self.offered:
            await agent.close()


def build_agents(
    study: LoadedStudy,
    *,
    openai_api_key: str | None = None,
    openai_base_url: str | None = None,
    default_model: str | None = None,
    timeout_s: float = 60.0,
    max_retries: int = 2,
) -> AgentRegistry:
    """Make the agents of a study.

    Args:
        study: The study.
        openai_api_key: OPENAI_API_KEY; empty counts as none.
        openai_base_url: OPENAI_BASE_URL; a server of one's own needs no key.
        default_model: The model of agents whose definition names none.
        timeout_s: The longest wait for a connection's next byte.
        max_retries: How often the client tries again before the first token.

    Returns:
        The agents. When none of the study's can answer, an ELIZA stands in for them.
    """
    connection = Connection(
        openai_api_key or None, openai_base_url or None, default_model or None, timeout_s, max_retries
    )
    default = study.definition.default_agent
    definitions = sorted(study.definition.agents, key=lambda definition: definition is not default)
    agents: list[Agent] = []
    unavailable: dict[str, str] = {}
    for definition in definitions:
        reason = unavailable_because(definition, connection)
        if reason is None:
            agents.append(BUILDERS[AgentKind(definition.kind)](definition, study, connection))
        else:
            unavailable[definition.name] = reason
    descriptions = {definition.name: definition.description for definition in definitions}
    stand_in = None
    if not agents:
        stand_in = next(name for name in STAND_IN_NAMES if name not in unavailable)
        agents.append(ElizaAgent(ElizaDefinition(name=stand_in, kind="eliza")))
    if unavailable and not any(agent.kind == AgentKind.OPENAI for agent in agents):
        for agent in agents:
            if agent.kind == AgentKind.ELIZA:
                parts = (descriptions.get(agent.name, ""), NO_MODEL_NOTE)
                descriptions[agent.name] = "\n\n".join(part for part in parts if part)
    return AgentRegistry(tuple(agents), descriptions, unavailable, stand_in)


def unavailable_because(definition: AgentDefinition, connection: Connection) -> str | None:
    """Say why an agent cannot answer as things are.

    Args:
        definition: The agent.
        connection: How models are reached.

    Returns:
        The reason with its repair, or None when it can answer.
    """
    if not isinstance(definition, OpenAIDefinition):
        return None
    if connection.api_key is None and connection.base_url is None:
        return (
            f"{definition.name} needs a language model and none is connected. Set OPENAI_API_KEY, "
            "or OPENAI_BASE_URL for a server of your own, or start with scripts/run --local-model."
        )
    if definition.model is None and connection.default_model is None:
        return (
            f"{definition.name} does not say which model to ask. "
            "Set VERBATIM_MODEL, or write it into study.yaml like: model: name-of-the-model"
        )
    return None


def _build_openai(definition: AgentDefinition, study: LoadedStudy, connection: Connection) -> Agent:
    # Imported here: the openai package takes seconds to import, and only studies with a model need it.
    from agent.openai_compatible import OpenAIAgent

    wanted = cast(OpenAIDefinition, definition)
    return OpenAIAgent(
        name=wanted.name,
        model=wanted.model or connection.default_model or "",
        prompt=study.texts[wanted.prompt] if wanted.prompt else None,
        parameters=wanted.parameters.model_dump(exclude_none=True),
        api_key=connection.api_key or PLACEHOLDER_KEY,
        base_url=connection.base_url,
        timeout_s=connection.timeout_s,
        max_retries=connection.max_retries,
    )


def _build_eliza(definition: AgentDefinition, _study: LoadedStudy, _connection: Connection) -> Agent:
    return ElizaAgent(cast(ElizaDefinition, definition))


def _build_scripted(definition: AgentDefinition, study: LoadedStudy, _connection: Connection) -> Agent:
    wanted = cast(ScriptedDefinition, definition)
    dialogs = parse_dialogs(study.texts[wanted.dialogs], wanted.dialogs) if wanted.dialogs else ()
    return ScriptedAgent(wanted, dialogs)


BUILDERS: Final[dict[AgentKind, Callable[[AgentDefinition, LoadedStudy, Connection], Agent]]] = {
    AgentKind.OPENAI: _build_openai,
    AgentKind.ELIZA: _build_eliza,
    AgentKind.SCRIPTED: _build_scripted,
}
