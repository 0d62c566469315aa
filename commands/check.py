"""`python cli.py check STUDY`: what is wrong with a study, and whether its models answer."""

import asyncio
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Final

import typer

from commands.shown import screen

if TYPE_CHECKING:
    from agent.asking import Asked
    from agent.base import Agent
    from agent.pricing import PriceTable
    from agent.registry import AgentRegistry
    from study.loader import LoadedStudy

_LONGEST_SHOWN: Final = 200  # of an answer that was asked to be short


def say_study(folder: Path, default_model: str | None) -> "LoadedStudy":
    """Say what is wrong with a study, or that all is well.

    Args:
        folder: The folder with study.yaml in it.
        default_model: The model of agents that name none.

    Returns:
        The study.

    Raises:
        typer.Exit: Something is wrong; it was said.
    """
    from agent.task.checking import check_dialogues
    from agent.tools.headers import check_headers, header_variables
    from agent.tools.module import check_tools
    from settings import variables_named
    from study.loader import check_study, load_study
    from study.warnings import warnings_of

    _say_problems(check_study(folder))
    study = load_study(folder)
    headers = check_headers(study, variables_named(header_variables(study)))
    _say_problems([*check_tools(study), *check_dialogues(study), *headers])
    for warning in warnings_of(study, default_model):
        screen.print(warning, markup=False, style="yellow")
    agents = ", ".join(agent.name for agent in study.definition.agents)
    screen.print(f"All is well: {study.definition.title} ({agents}).", markup=False, style="green")
    screen.print(f"Fingerprint {study.fingerprint}", markup=False)
    return study


def _say_problems(problems: list[str]) -> None:
    for problem in problems:
        screen.print(problem, markup=False)
    if problems:
        raise typer.Exit(10)


def ask_models(agents: "AgentRegistry", prices: "PriceTable") -> None:
    """Ask each model of a study for one short answer, and say what came of it.

    Args:
        agents: The study's.
        prices: For what it cost.

    Raises:
        SettingsError: A model is not connected.
        ModelError: A model did not answer.
    """
    from study.agent_definitions import AgentKind
    from study.errors import ModelError, SettingsError

    asked = [agent for agent in agents.offered if agent.kind == AgentKind.OPENAI]
    failed = asyncio.run(_ask_each(asked, agents, prices))
    for reason in agents.unavailable.values():
        screen.print(reason, markup=False, style="red")
    if failed:
        raise ModelError(f"Not every model answers: {', '.join(failed)}.")
    if agents.unavailable:
        raise SettingsError("Not every model is connected; see above.")
    if not asked:
        screen.print("No agent of this study asks a model.", markup=False)


async def _ask_each(asked: "Sequence[Agent]", agents: "AgentRegistry", prices: "PriceTable") -> list[str]:
    from agent.asking import ask

    failed = []
    try:
        for agent in asked:
            screen.print(f"Asking {agent.name} …", markup=False, style="dim")
            answer = await ask(agent)
            lines = (
                _said(agent.name, answer, prices) if answer.failure is None else _failed(agent.name, answer)
            )
            if answer.failure is not None:
                failed.append(agent.name)
                lines += await _instead(agent, answer)
            for line in lines:
                screen.print(line, markup=False)
    finally:
        await agents.close()
    return failed


def _said(name: str, answer: "Asked", prices: "PriceTable") -> list[str]:
    from agent.finish_reasons import cut_off_of
    from study.vocabulary import CutOff

    started, ended = answer.started, answer.ended
    lines = [f"{name}: {_whom(answer)} answered “{_short(answer.text)}”"]
    if answer.called is not None:
        lines = [f"{name}: {_whom(answer)} wanted to call {_short(answer.called)}, which was not called"]
    if started is None or ended is None:
        return lines
    lines.append(
        f"  served by {ended.response_model or 'a model that it does not name'}, "
        f"finish reason {ended.finish_reason or 'none'}"
    )
    usage = ended.usage
    figures = [f"first word after {answer.first_s or 0:.1f} s, all after {answer.whole_s:.1f} s"]
    if usage.input_tokens is None or usage.output_tokens is None:
        figures.append("tokens not counted by the server")
    else:
        thinking = f" ({usage.reasoning_tokens} thinking)" if usage.reasoning_tokens else ""
        figures.append(f"{usage.input_tokens} tokens in, {usage.output_tokens} out{thinking}")
    cost = prices.cost(usage, ended.response_model, started.model)
    figures.append("no price known" if cost is None else f"{cost:.6f} {prices.currency}")
    lines.append("  " + "; ".join(figures))
    for parameter, became in ended.details.get("not_taken", {}).items():
        lines.append(f"  The model does not take {parameter}: {became}, in every reply.")
    if cut_off_of(ended.finish_reason) == CutOff.LENGTH:
        lines.append("  Its limit of tokens cut the answer off: participants would read broken-off replies.")
    return lines


def _failed(name: str, answer: "Asked") -> list[str]:
    from agent.repairs import repair_of

    failure = answer.failure
    assert failure is not None  # the caller has looked
    tries = f" after {answer.ended.attempts} tries" if answer.ended and answer.ended.attempts > 1 else ""
    return [
        f"{name}: {_whom(answer)} did not answer{tries} ({failure.error_type}).",
        f"  Said: {failure}",
        f"  To do: {repair_of(failure.error_type, str(failure))}",
    ]


async def _instead(agent: "Agent", answer: "Asked") -> list[str]:
    """Models of the server whose names are near; nothing where it does not list them."""
    from agent.openai_compatible import OpenAIAgent
    from agent.repairs import is_unknown_model

    failure, started = answer.failure, answer.started
    if failure is None or started is None or not isinstance(agent, OpenAIAgent):
        return []
    if not is_unknown_model(failure.error_type, str(failure)):
        return []
    names = await agent.models()
    near = get_close_matches(started.model, names, n=3, cutoff=0.5) or sorted(names)[:5]
    return [f"  It has: {', '.join(near)}{' …' if len(names) > len(near) else ''}"] if near else []


def _whom(answer: "Asked") -> str:
    return f"{answer.started.model} at {answer.started.provider}" if answer.started else "the model"


def _short(text: str) -> str:
    from study.text import beginning

    text = " ".join(text.split())
    cut = beginning(text, _LONGEST_SHOWN)
    return text if cut == text else f"{cut} …"
