"""Headers that servers of tools are sent: a study names variables of the environment that hold the values."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from study.agent_definitions import ToolUser
from study.loader import STUDY_FILE, LoadedStudy
from study.tools import ToolServerDefinition

NO_VARIABLES: Final[Mapping[str, str]] = {}
_UNSENDABLE: Final = re.compile("[^ -~]")


def header_variables(study: LoadedStudy) -> list[str]:
    """The variables that a study's headers name, each once."""
    return list(dict.fromkeys(name for server in _servers(study) for name in server.headers.values()))


def check_headers(study: LoadedStudy, variables: Mapping[str, str]) -> list[str]:
    """Look for headers that cannot be sent.

    Args:
        study: Read, and right so far.
        variables: What the environment holds, by name.

    Returns:
        A sentence for each, without its value; empty where all is well.
    """
    problems = [_problem(study, server, variables) for server in _servers(study)]
    return list(dict.fromkeys(one for found in problems for one in found))


def headers_of(server: ToolServerDefinition, variables: Mapping[str, str]) -> dict[str, str]:
    """The headers of one server, with their values."""
    return {header: variables[name] for header, name in server.headers.items() if name in variables}


def _servers(study: LoadedStudy) -> Iterator[ToolServerDefinition]:
    for agent in study.definition.agents:
        if isinstance(agent, ToolUser) and agent.tools is not None:
            yield from agent.tools.servers


def _problem(study: LoadedStudy, server: ToolServerDefinition, variables: Mapping[str, str]) -> Iterator[str]:
    place = f"{study.folder / STUDY_FILE}: the tool server {server.name} is sent {{}} from {{}}"
    for header, name in server.headers.items():
        value = variables.get(name)
        if value is None:
            yield f"{place.format(header, name)}, which is not set. Set it in the environment or .env."
        elif (odd := _UNSENDABLE.search(value)) is not None:
            yield (
                f"{place.format(header, name)}, whose character {odd.start() + 1} no header can carry. Set "
                "it anew, without line breaks."
            )
