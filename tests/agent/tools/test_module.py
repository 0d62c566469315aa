"""The module of a study: what it says is what runs, and what is wrong with it is told before a study runs."""

import json
from pathlib import Path

import pytest

from agent.registry import ModelConnection, build_agents
from agent.tools.module import build_toolbox, check_tools
from study.agent_definitions import OpenAIDefinition
from study.errors import StudyFileError
from study.loader import LoadedStudy, check_study, load_study
from tests.agent.tools.calling import call, write_study

GOOD = '''\
from __future__ import annotations

from dataclasses import dataclass

from agent.tools import ToolContext, tool

COUNT = 0


@dataclass
class Item:
    name: str


@tool(acts=False)
def count(context: ToolContext, step: int = 1) -> dict:
    """Count."""
    global COUNT
    COUNT += step
    return {"count": COUNT}


def take(item: Item) -> str:
    """Take an item."""
    return item.name


alias = take
number = 7
'''


def loaded(folder: Path, module: str, *use: str) -> LoadedStudy:
    """A study with this module, as it was read."""
    return load_study(write_study(folder, module, *use))


async def test_its_functions_are_the_tools(tmp_path: Path) -> None:
    """Those that are named, in their order; types may be the module's own."""
    study = loaded(tmp_path, GOOD, "take", "count")
    agent = study.definition.agents[0]
    assert isinstance(agent, OpenAIDefinition)
    box = build_toolbox(agent.tools, study)
    assert box.names == ("take", "count")
    assert json.loads((await call(box, "take", {"item": {"name": "Tea"}})).output) == "Tea"
    assert json.loads((await call(box, "count", {"step": 2})).output) == {"count": 2}
    # Another agent of the study that names the module has the same one.
    again = build_toolbox(agent.tools, study)
    assert json.loads((await call(again, "count")).output) == {"count": 3}
    assert check_tools(study) == []


def test_its_bytes_belong_to_the_fingerprint(tmp_path: Path) -> None:
    """A tool that does something else makes another study, and so does a file that it reads."""
    first = loaded(tmp_path, GOOD, "take").fingerprint
    second = loaded(tmp_path, GOOD + "\n", "take").fingerprint
    yaml = (tmp_path / "study.yaml").read_text().replace("use: [take]", "use: [take], files: [menu.json]")
    (tmp_path / "study.yaml").write_text(yaml)
    (tmp_path / "menu.json").write_text("[]")
    third = load_study(tmp_path).fingerprint
    (tmp_path / "menu.json").write_text("[1]")
    assert len({first, second, third, load_study(tmp_path).fingerprint}) == 4


@pytest.mark.parametrize(
    ("module", "use", "told"),
    [
        ("def take(:\n", "take", "tools.py, line 1: cannot be run (SyntaxError"),
        ("\nimport nothing_of_this_name\n", "take", "tools.py, line 2: cannot be run (ModuleNotFoundError"),
        ("class Odd(BaseException): ...\nraise Odd\n", "take", "tools.py, line 2: cannot be run (Odd"),
        ("import sys\nsys.exit(1)\n", "take", "tools.py, line 2: cannot be run (SystemExit: 1)"),
        (GOOD, "give", "tools.py: has no function give. Write it, or take the name out of `use` in"),
        (GOOD, "number", "tools.py: number is no function. Write it like: def number(...) -> dict:"),
        (GOOD, "Item", "tools.py: Item is no function."),
        (GOOD, "alias", "tools.py: alias is the function take under another name."),
        ("def take(item: str): ...\n", "take", "tools.py: take has no docstring"),
        ('def take(item):\n    "Take."\n', "take", "tools.py: take: the parameter item has no type."),
    ],
)
def test_what_is_wrong_is_told_with_its_repair(tmp_path: Path, module: str, use: str, told: str) -> None:
    """By `check`, and by a server that does not start with it."""
    study = loaded(tmp_path, module, use)
    (problem,) = check_tools(study)
    assert told in problem
    with pytest.raises(StudyFileError) as refused:
        build_agents(study, ModelConnection(api_key="any-key"))
    assert str(refused.value) == problem


@pytest.mark.parametrize(
    ("tools", "told"),
    [
        (
            "{module: ../tools.py, use: [take]}",
            "agents[0].tools.module: '../tools.py' is not a plain file name",
        ),
        ("{module: none.py, use: [take]}", "agents[0].tools.module: there is no file 'none.py'"),
        (
            "{module: tools.py}",
            "agents[0].tools: needs 'use': the functions of 'module' that the agent may call",
        ),
        ("{use: [take]}", "agents[0].tools: names no tools"),
        ("{module: tools.py, use: [take, take]}", "agents[0].tools.use: names take twice. Name it once."),
        ("{module: tools.py, use: take}", "agents[0].tools.use: should be a valid list"),
        ("{module: tools.py, use: [take], rounds: 0}", "agents[0].tools.rounds: should be greater than"),
        (
            "{modul: tools.py, use: [take]}",
            "agents[0].tools.modul: is not a known key here. Did you mean 'module'?",
        ),
        ("{module: tools.py, use: [take], files: [none.json]}", "agents[0].tools.files[0]: there is no file"),
    ],
)
def test_what_the_study_file_says_wrong_is_told(tmp_path: Path, tools: str, told: str) -> None:
    """The key, and what to write."""
    folder = write_study(tmp_path, GOOD, "take")
    text = (folder / "study.yaml").read_text().replace("{module: tools.py, use: [take]}", tools)
    (folder / "study.yaml").write_text(text)
    problems = check_study(folder)
    assert any(told in problem for problem in problems), problems
