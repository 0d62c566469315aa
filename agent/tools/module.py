"""The module of a study that holds its tools: run once, from the very text that the fingerprint is of."""

import hashlib
import sys
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from agent.failures import brief_failure
from agent.tools.function_tool import FunctionTool, Tool
from agent.tools.headers import NO_VARIABLES, headers_of
from agent.tools.mcp_server import McpServer
from agent.tools.mcp_tool import McpTool, offered_name
from agent.tools.schema import ToolFault
from agent.tools.toolbox import Toolbox
from study.agent_definitions import ToolUser
from study.errors import StudyFileError
from study.loader import STUDY_FILE, LoadedStudy
from study.tools import ToolsDefinition

_LONGEST_WORDS: Final = 500


def build_toolbox(
    definition: ToolsDefinition | None, study: LoadedStudy, variables: Mapping[str, str] = NO_VARIABLES
) -> Toolbox:
    """The tools of an agent.

    Args:
        definition: What the study says of them; None for none.
        study: The study.
        variables: What the environment holds for headers of servers, by name.

    Raises:
        StudyFileError: Its module cannot be used; says why, and the repair.
    """
    if definition is None:
        return Toolbox()
    tools, problems = _tools_of(definition, study)
    servers = [McpServer(one, study.folder, headers_of(one, variables)) for one in definition.servers]
    tools += [McpTool(server, name) for server in servers for name in server.definition.use]
    if problems:
        raise StudyFileError("\n".join(problems))
    return Toolbox(tools, servers=servers)


def module_tools(definition: ToolsDefinition | None, study: LoadedStudy) -> list[Tool]:
    """The functions of an agent's module, as far as they can be tools."""
    return [] if definition is None else _tools_of(definition, study)[0]


def check_tools(study: LoadedStudy) -> list[str]:
    """Look for all that is wrong with a study's tools.

    Args:
        study: Read, and right so far.

    Returns:
        A sentence for each, with its file and repair; empty where all is well.
    """
    problems: list[str] = []
    for agent in study.definition.agents:
        if isinstance(agent, ToolUser) and agent.tools is not None:
            problems += _tools_of(agent.tools, study)[1] + _named_twice(agent.tools, study)
    return list(dict.fromkeys(problems))


def _named_twice(definition: ToolsDefinition, study: LoadedStudy) -> list[str]:
    """Names that a model could not tell apart."""
    names = [*definition.use, *(offered_name(name) for one in definition.servers for name in one.use)]
    return [
        f"{study.folder / STUDY_FILE}: two tools of one agent are called {name}. Take one out of its `use`."
        for name in dict.fromkeys(name for name in names if names.count(name) > 1)
    ]


def _tools_of(definition: ToolsDefinition, study: LoadedStudy) -> tuple[list[Tool], list[str]]:
    if definition.module is None:
        return [], []
    path = study.folder / definition.module
    try:
        module = _loaded(path, study.texts[definition.module])
    except KeyboardInterrupt:
        raise  # whoever checks has had enough
    except BaseException as error:
        return [], [f"{path}{_line_of(error, path)}: cannot be run ({_said(error)}). Mend it."]
    tools: list[Tool] = []
    problems: list[str] = []
    for name in definition.use:
        try:
            tools.append(FunctionTool(_function(module, name, study.folder / STUDY_FILE)))
        except ToolFault as fault:
            problems.append(f"{path}: {fault}")
    return tools, problems


def _function(module: ModuleType, name: str, source: Path) -> Callable[..., Any]:
    found = getattr(module, name, None)
    if found is None:
        raise ToolFault(f"has no function {name}. Write it, or take the name out of `use` in {source}.")
    if not callable(found) or not hasattr(found, "__name__") or isinstance(found, type):
        raise ToolFault(f"{name} is no function. Write it like: def {name}(...) -> dict:")
    if found.__name__ != name:
        raise ToolFault(
            f"{name} is the function {found.__name__} under another name. Name that one in `use`, or give "
            f"{name} a `def` of its own."
        )
    return found  # type: ignore[no-any-return]  # callable, as was just seen


def _loaded(path: Path, text: str) -> ModuleType:
    """Agents that name one module share it; another text is another module."""
    digest = hashlib.sha256(f"{path.resolve()}\0{text}".encode()).hexdigest()
    name = f"verbatim_tools_{digest[:24]}"
    if name in sys.modules:
        return sys.modules[name]
    module = ModuleType(name)
    module.__file__ = str(path)
    # Types are looked up by the module's name.
    sys.modules[name] = module
    try:
        exec(compile(text, str(path), "exec"), module.__dict__)  # noqa: S102  # the study's own code
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _line_of(error: BaseException, path: Path) -> str:
    if isinstance(error, SyntaxError) and error.filename == str(path):
        return f", line {error.lineno}"
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == str(path)]
    return f", line {lines[-1]}" if lines else ""


def _said(error: BaseException) -> str:
    return brief_failure(f"{type(error).__name__}: {error}", _LONGEST_WORDS)
