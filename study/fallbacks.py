"""Who answers where an agent cannot, as a study file says it: names that are there, and no circles."""

from collections.abc import Sequence

from pydantic_core import PydanticCustomError

from study.agent_definitions import AgentDefinition


def complain_of_fallbacks(agents: Sequence[AgentDefinition]) -> None:
    """Make sure that each fallback is another agent of the file, and that they lead to an end.

    Args:
        agents: All of the file.

    Raises:
        PydanticCustomError: What is wrong, with the agents that it is about.
    """
    fallbacks = {agent.name: agent.fallback for agent in agents if agent.fallback is not None}
    names = [agent.name for agent in agents]
    for number, agent in enumerate(agents):
        if agent.fallback is not None and agent.fallback not in names:
            raise PydanticCustomError(
                "no_such_fallback",
                "agents[{number}].fallback is {name}, and no agent has this name",
                {"number": number, "name": agent.fallback},
            )
    for name in names:
        _complain_of_circle(name, fallbacks)
    _complain_of_offers(agents, frozenset(fallbacks.values()))


def _complain_of_circle(name: str, fallbacks: dict[str, str]) -> None:
    way = [name]
    while (following := fallbacks.get(way[-1])) is not None:
        way.append(following)
        if following in way[:-1]:
            raise PydanticCustomError(
                "fallback_circle", "the fallbacks go round in a circle: {way}", {"way": ", ".join(way)}
            )


def _complain_of_offers(agents: Sequence[AgentDefinition], used: frozenset[str]) -> None:
    if not any(agent.offered for agent in agents) or any(one.default and not one.offered for one in agents):
        raise PydanticCustomError("not_offered", "the agent that a new thread begins with is not offered")
    for number, agent in enumerate(agents):
        if not agent.offered and agent.name not in used:
            raise PydanticCustomError(
                "idle_agent",
                "agents[{number}], {name}, is neither offered nor anybody's fallback",
                {"number": number, "name": agent.name},
            )
