"""What a how-to shows of a study is a study: it is read without a complaint, and does what the page says."""

import re
from pathlib import Path
from typing import Final

import pytest
import yaml

from agent.registry import build_agents
from agent.tools.module import build_toolbox
from study.agent_definitions import OpenAIDefinition
from study.loader import LoadedStudy, load_study
from tests.agent.task.counter import Counter
from tests.examples import ROOT, examples

TASKS: Final = "docs/how-to/write-a-task-agent.md"
FORMS: Final = "docs/how-to/ask-in-a-form.md"
TOOLS: Final = "docs/how-to/give-an-agent-tools.md"
LIMITS: Final = "docs/how-to/limits-and-fallbacks.md"
INTENTS: Final = "docs/how-to/follow-intents.md"
# What a newcomer is told to copy.
COPIED: Final = ROOT / "studies" / "example"
DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")


def blocks(page: str, language: str) -> list[str]:
    """The blocks of a page, in their order."""
    return [one.code for one in examples(page, language)]


def copied(folder: Path, *changes: str) -> LoadedStudy:
    """The study that is to be copied, with lines of a page in the place of its own."""
    for file in COPIED.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    study = yaml.safe_load((folder / "study.yaml").read_text(encoding="utf-8"))
    for change in changes:
        study |= yaml.safe_load(change)
    (folder / "study.yaml").write_text(yaml.safe_dump(study, sort_keys=False), encoding="utf-8")
    return load_study(folder)


def desk(folder: Path, *, tools: bool) -> Counter:
    """The front desk of the page, before or after it is given a tool."""
    study, dialogue, given, called = blocks(TASKS, "yaml")
    if tools:
        before, answer, after = dialogue.partition("    answer:")
        assert "\n" not in after.strip(), "the page says that these lines take the place of the last one"
        assert answer
        study, dialogue = study + given, before + called
        (folder / "tools.py").write_text(blocks(TASKS, "python")[0], encoding="utf-8")
    (folder / "study.yaml").write_text(study, encoding="utf-8")
    (folder / "dialogue.yaml").write_text(dialogue, encoding="utf-8")
    return Counter(build_agents(load_study(folder)).default)


async def test_the_front_desk_says_what_the_page_says(tmp_path: Path) -> None:
    """Its conversation goes as it is printed, up to the day that tomorrow is."""
    page = (ROOT / TASKS).read_text(encoding="utf-8")
    printed = re.findall(r"^> \*\*(Participant|Front desk)\*\* (.+)$", page, re.MULTILINE)
    assert len(printed) == 6
    counter = desk(tmp_path, tools=False)
    for (_, said), (_, answer) in zip(printed[::2], printed[1::2], strict=True):
        assert DAY.sub("DAY", await counter.say(said)) == DAY.sub("DAY", answer)


async def test_the_front_desk_is_given_its_tool(tmp_path: Path) -> None:
    """With the further lines a yes calls the function, and the answer has what it returned."""
    counter = desk(tmp_path, tools=True)
    for said in ("I'd like to book a table tomorrow at 19:45", "four"):
        await counter.say(said)
    assert "Booked, as number 1." in await counter.say("yes")
    assert [call.name for call in counter.calls] == ["reserve_table"]


async def test_the_front_desk_says_so_where_its_tool_refuses(tmp_path: Path) -> None:
    """Nine are too many for the largest table: nothing is booked, and the chat goes on."""
    counter = desk(tmp_path, tools=True)
    for said in ("I'd like to book a table tomorrow at 19:45", "nine"):
        await counter.say(said)
    assert "did not work" in await counter.say("yes")
    assert [call.is_error for call in counter.calls] == [True]


def test_the_form_of_the_page_is_one(tmp_path: Path) -> None:
    """In the place of the example's agents its lines are a study whose agent asks with the form."""
    assert [form.id for form in copied(tmp_path, blocks(FORMS, "yaml")[0]).definition.forms] == ["order"]


def test_the_tools_of_the_page_are_given(tmp_path: Path) -> None:
    """The barista of the page has the two functions of its module, and nothing is wrong with them."""
    (tmp_path / "tools.py").write_text(blocks(TOOLS, "python")[0], encoding="utf-8")
    study = copied(tmp_path, blocks(TOOLS, "yaml")[0])
    (barista,) = study.definition.agents
    assert build_toolbox(barista.tools, study).names == ("get_price", "add_drink")


def test_the_intents_of_a_model_are_begun_by_its_tools(tmp_path: Path) -> None:
    """The barista of the page is a study once its module is there."""
    functions = (f"def {name}():\n    'Do it.'\n" for name in ("get_menu", "add_item", "finish_order"))
    (tmp_path / "tools.py").write_text("\n".join(functions), encoding="utf-8")
    (barista,) = copied(tmp_path, blocks(INTENTS, "yaml")[1]).definition.agents
    assert isinstance(barista, OpenAIDefinition)
    assert barista.intents["order"].begun_by == ("add_item",)


@pytest.mark.parametrize(
    ("page", "block"),
    [(LIMITS, 0), (LIMITS, 1), (LIMITS, 2), (LIMITS, 3), (INTENTS, 0)],
)
def test_what_else_is_shown_of_a_study_is_read(tmp_path: Path, page: str, block: int) -> None:
    """Each block stands in a study file as it is printed."""
    copied(tmp_path, blocks(page, "yaml")[block])
