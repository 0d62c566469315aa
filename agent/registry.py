"""Who can answer in a study: one builder for each kind of agent."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, cast

from agent.base import Agent
from agent.breaker import Breakers
from agent.eliza import ElizaAgent
from agent.model_address import OPENAI_URL, model_address
from agent.model_intents import ModelIntent
from agent.scripted import ScriptedAgent
from agent.task.agent import TaskAgent
from agent.task.checking import check_dialogues
from agent.tools.mcp_tool import offered_name
from agent.tools.module import build_toolbox
from study.agent_definitions import (
    AgentDefinition,
    AgentKind,
    ElizaDefinition,
    OpenAIDefinition,
    ScriptedDefinition,
    TaskDefinition,
)
from study.errors import StudyFileError
from study.loader import LoadedStudy
from study.masking import PLACEHOLDER_KEY
from study.protocol.conditions import Overrides, varied
from study.protocol.definition import Protocol
from study.protocol.each_turn import with_level

STAND_IN_NAMES: Final = ("ELIZA", "ELIZA (1966)")
NOTE_IS_FOR: Final = "(Only a browser on the server's own machine shows this.)"


@dataclass(frozen=True, slots=True)
class ModelConnection:
    """How models are reached.

    Args:
        api_key: OPENAI_API_KEY; empty counts as none.
        base_url: OPENAI_BASE_URL: any server that speaks OpenAI's chat completions; one of one's own needs
            no key.
        default_model: VERBATIM_MODEL, for agents whose definition names none.
        timeout_s: The longest wait for a model's next word.
        turn_s: The longest time of a whole reply.
        max_retries: How often the client tries again before the first token.
        proxy: The proxy on the way to the server; None for none.
        variables: What the environment holds for headers of servers of tools, by name.
    """

    api_key: str | None = field(default=None, repr=False)
    base_url: str | None = field(default=None, repr=False)  # it may hold a password
    default_model: str | None = None
    timeout_s: float = 60.0
    turn_s: float = 600.0
    max_retries: int = 2
    proxy: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict, repr=False, hash=False)

    @property
    def model(self) -> str | None:
        """The model of agents whose definition names none; Azure's addresses name one themselves."""
        return self.default_model or (model_address(self.base_url).deployment if self.base_url else None)


NO_CONNECTION: Final = ModelConnection()


class AgentRegistry:
    """The agents of a study.

    Args:
        agents: Those that can answer, the default one first; at least one.
        descriptions: What the study says of each, by name.
        unavailable: Why the others cannot answer, with the repair, by name.
        stand_in: The name of the ELIZA that was added because nobody else can answer; else None.
        notes: What whoever runs the study should know of an agent, by name; no participant reads it.
        fallbacks: Who answers where an agent cannot, by that agent's name.
        varied: Agents as a condition and a turn's level have them, by condition, level and name.
    """

    def __init__(
        self,
        agents: tuple[Agent, ...],
        descriptions: Mapping[str, str],
        unavailable: Mapping[str, str],
        stand_in: str | None = None,
        notes: Mapping[str, str] | None = None,
        fallbacks: Mapping[str, Agent] | None = None,
        varied: Mapping[tuple[str, str, str], Agent] | None = None,
    ) -> None:
        self.offered = agents
        self._varied = varied or {}
        self.descriptions = descriptions
        self.unavailable = unavailable
        self.stand_in = stand_in
        self.notes = notes or {}
        self.fallbacks = fallbacks or {}
        self._by_name = {agent.name: agent for agent in agents}

    @property
    def default(self) -> Agent:
        """The agent that a new thread begins with."""
        return self.offered[0]

    def get(self, name: str | None, condition: str | None = None, level: str | None = None) -> Agent | None:
        """Find an agent that can answer.

        Args:
            name: As the study file writes it.
            condition: The participant's; None where nothing differs between them.
            level: What was drawn for the turn; None where nothing is.

        Returns:
            The agent, or None: there is none of this name, or it cannot answer.
        """
        if name is None:
            return None
        return self._varied.get((condition or "", level or "", name)) or self._by_name.get(name)

    async def close(self) -> None:
        """Let go of every agent's connections."""
        beside = [agent for agent in self.fallbacks.values() if agent not in self.offered]
        beside += self._varied.values()
        for agent in (*self.offered, *dict.fromkeys(beside)):
            await agent.close()


def build_agents(
    study: LoadedStudy, connection: ModelConnection = NO_CONNECTION, breakers: Breakers | None = None
) -> AgentRegistry:
    """Make the agents of a study.

    Args:
        study: The study.
        connection: How its models are reached.
        breakers: Of the servers that they ask; None for none.

    Returns:
        The agents. When none of the study's can answer, an ELIZA stands in for them.

    Raises:
        StudyFileError: A module of tools cannot be used.
    """
    default = study.definition.default_agent
    definitions = sorted(study.definition.agents, key=lambda definition: definition is not default)
    built: dict[str, Agent] = {}
    unavailable: dict[str, str] = {}
    for definition in definitions:
        reason = unavailable_because(definition, connection)
        if reason is None:
            agent = BUILDERS[AgentKind(definition.kind)](definition, study, connection)
            built[definition.name] = _guarded(agent, connection, breakers)
        else:
            unavailable[definition.name] = reason
    agents = [built[one.name] for one in definitions if one.offered and one.name in built]
    # Of those that participants choose none can answer: who was to step in does so from the start.
    agents = agents or list(built.values())
    descriptions = {definition.name: definition.description for definition in definitions}
    stand_in = None
    if not agents:
        stand_in = next(name for name in STAND_IN_NAMES if name not in unavailable)
        agents.append(ElizaAgent(ElizaDefinition(name=stand_in, kind="eliza")))
    return AgentRegistry(
        tuple(agents),
        descriptions,
        unavailable,
        stand_in,
        _notes(agents, unavailable),
        _fallbacks(definitions, built),
        dict(_varied(study, connection, breakers)),
    )


def _varied(
    study: LoadedStudy, connection: ModelConnection, breakers: Breakers | None
) -> Iterator[tuple[tuple[str, str, str], Agent]]:
    """Agents that a condition or a turn's level changes, under their own names: nobody sees a difference."""
    protocol = study.definition.protocol
    for condition, level, overrides in _variations(protocol) if protocol is not None else ():
        for definition in study.definition.agents:
            changed = varied(definition, overrides)
            if changed is not definition and unavailable_because(changed, connection) is None:
                agent = BUILDERS[AgentKind(changed.kind)](changed, study, connection)
                yield (condition, level, changed.name), _guarded(agent, connection, breakers)


def _variations(protocol: Protocol) -> Iterator[tuple[str, str, Overrides]]:
    """Each condition with each level of a turn. Who has no condition yet has turns all the same."""
    found = {"": Overrides()}
    if protocol.conditions is not None:
        found |= {name: protocol.conditions.overrides_of(name) for name in protocol.conditions.names}
    for condition, overrides in found.items():
        yield condition, "", overrides
        for level, said in protocol.turn_levels.items():
            yield condition, level, with_level(overrides, said)


def _guarded(agent: Agent, connection: ModelConnection, breakers: Breakers | None) -> Agent:
    """A model's agent behind the breaker of its server."""
    if breakers is None or agent.kind != AgentKind.OPENAI:
        return agent
    return breakers.guard(agent, model_address(connection.base_url or OPENAI_URL).provider)


def _fallbacks(definitions: Sequence[AgentDefinition], built: Mapping[str, Agent]) -> dict[str, Agent]:
    """Who answers where an agent cannot; one that cannot either is passed over for its own."""
    following = {definition.name: definition.fallback for definition in definitions}
    found: dict[str, Agent] = {}
    for name, fallback in following.items():
        while fallback is not None and fallback not in built:
            fallback = following[fallback]
        if fallback is not None:
            found[name] = built[fallback]
    return found


def _notes(agents: Sequence[Agent], unavailable: Mapping[str, str]) -> dict[str, str]:
    """Of an ELIZA that answers because no model does: why, and how to connect one."""
    if not unavailable or any(agent.kind == AgentKind.OPENAI for agent in agents):
        return {}
    note = f"{' '.join(unavailable.values())} {NOTE_IS_FOR}"
    return {agent.name: note for agent in agents if agent.kind == AgentKind.ELIZA}


def unavailable_because(definition: AgentDefinition, connection: ModelConnection) -> str | None:
    """Say why an agent cannot answer as things are.

    Args:
        definition: The agent.
        connection: How models are reached.

    Returns:
        The reason with its repair, or None when it can answer.
    """
    if not isinstance(definition, OpenAIDefinition):
        return None
    if not connection.api_key and not connection.base_url:
        named = definition.model is not None or connection.model is not None
        return (
            f"{definition.name} needs a language model and none is connected. Set OPENAI_API_KEY, "
            f"or OPENAI_BASE_URL for a server of your own{'' if named else ', and VERBATIM_MODEL'}; or start "
            "with scripts/run --local-model."
        )
    if definition.model is None and connection.model is None:
        return (
            f"{definition.name} does not say which model to ask. "
            "Set VERBATIM_MODEL, or write it into study.yaml like: model: name-of-the-model"
        )
    return None


def _build_openai(definition: AgentDefinition, study: LoadedStudy, connection: ModelConnection) -> Agent:
    # Imported here: the openai package takes seconds to import, and only studies with a model need it.
    from agent.openai_compatible import OpenAIAgent
    from agent.openai_tools import ROUNDS

    wanted = cast(OpenAIDefinition, definition)
    return OpenAIAgent(
        name=wanted.name,
        model=wanted.model or connection.model or "",
        prompt=study.texts[wanted.prompt] if wanted.prompt else None,
        parameters=wanted.parameters.model_dump(exclude_none=True),
        # OpenAI's client insists on a key; servers on one's own machine do not look at it.
        api_key=connection.api_key or PLACEHOLDER_KEY,
        base_url=connection.base_url,
        starts_in_thinking=wanted.starts_in_thinking,
        timeout_s=connection.timeout_s,
        turn_s=connection.turn_s,
        max_retries=connection.max_retries,
        proxy=connection.proxy,
        toolbox=build_toolbox(wanted.tools, study, connection.variables),
        rounds=wanted.tools.rounds if wanted.tools else ROUNDS,
        begun_by={
            offered_name(tool): ModelIntent(name, intent.title)
            for name, intent in wanted.intents.items()
            for tool in intent.begun_by
        },
    )


def _build_eliza(definition: AgentDefinition, _study: LoadedStudy, _connection: ModelConnection) -> Agent:
    return ElizaAgent(cast(ElizaDefinition, definition))


def _build_scripted(definition: AgentDefinition, study: LoadedStudy, _connection: ModelConnection) -> Agent:
    wanted = cast(ScriptedDefinition, definition)
    dialogs = study.dialogs[wanted.dialogs] if wanted.dialogs else ()
    return ScriptedAgent(wanted, dialogs, study.definition.forms)


def _build_task(definition: AgentDefinition, study: LoadedStudy, connection: ModelConnection) -> Agent:
    wanted = cast(TaskDefinition, definition)
    problems = check_dialogues(study)
    if problems:
        raise StudyFileError("\n".join(problems))
    return TaskAgent(
        wanted.name,
        study.dialogues[wanted.dialogue],
        build_toolbox(wanted.tools, study, connection.variables),
        delay_ms=wanted.delay_ms,
    )


BUILDERS: Final[dict[AgentKind, Callable[[AgentDefinition, LoadedStudy, ModelConnection], Agent]]] = {
    AgentKind.OPENAI: _build_openai,
    AgentKind.ELIZA: _build_eliza,
    AgentKind.SCRIPTED: _build_scripted,
    AgentKind.TASK: _build_task,
}
