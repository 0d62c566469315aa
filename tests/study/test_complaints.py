"""A mistake in a study file is told with its place and its repair, in the words of whoever wrote it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest

from study.complaints import PARTS
from study.definition import Study
from study.dialogs import parse_dialogs
from study.errors import DialogFileError, StudyFileError
from study.loader import check_study, load_study
from study.parts import StudyPart
from tests.study.examples import GOOD, only_problem, write


def parts_in(annotated: Any) -> Iterator[type[StudyPart]]:
    """The parts that a key may hold, in a list or a choice as well."""
    if isinstance(annotated, type) and issubclass(annotated, StudyPart):
        yield annotated
    for inner in get_args(annotated):
        yield from parts_in(inner)


def test_all_problems_are_listed_one_a_line(folder: Path) -> None:
    """Four mistakes, four lines, each with file, line, key and repair."""
    write(
        folder,
        GOOD.replace("id: talk", "id: 12")
        .replace("title: A talk\n", "")
        .replace("kind: openai", "kind: bot"),
    )
    problems = check_study(folder)
    assert len(problems) == 3
    with pytest.raises(StudyFileError) as raised:
        load_study(folder)
    assert str(raised.value).split("\n") == problems
    assert all(problem.startswith(str(folder / "study.yaml")) for problem in problems)


@pytest.mark.parametrize(
    ("written", "line", "key", "repair"),
    [
        ("title: no", 2, "title", 'YAML reads no as false. Put it in quotes: title: "no"'),
        ("title: yes", 2, "title", 'YAML reads yes as true. Put it in quotes: title: "yes"'),
        ("title: 12", 2, "title", 'YAML reads 12 as a number. Put it in quotes: title: "12"'),
        ("title: 1", 2, "title", 'YAML reads 1 as a number. Put it in quotes: title: "1"'),
        ("title: 0", 2, "title", 'YAML reads 0 as a number. Put it in quotes: title: "0"'),
        ("title: 12:30", 2, "title", 'YAML reads 12:30 as a number. Put it in quotes: title: "12:30"'),
        ("title: 1.5e+3", 2, "title", 'YAML reads 1.5e+3 as a number. Put it in quotes: title: "1.5e+3"'),
        ("title: null", 2, "title", 'YAML reads null as nothing. Put it in quotes: title: "null"'),
        ("title:", 2, "title", "has no value. Write it like: title:"),
        ("title: [a]", 2, "title", "Write it like: title:"),
        ("title: ' '", 2, "title", "Write it like: title:"),
        ("titel: A talk", 2, "titel", "Did you mean 'title'?"),
    ],
)
def test_text_that_yaml_reads_as_something_else(
    folder: Path, written: str, line: int, key: str, repair: str
) -> None:
    """An unquoted no, yes, number, time or null where text is meant: the message has the quotes."""
    write(folder, GOOD.replace("title: A talk", written))
    problem = next(problem for problem in check_study(folder) if f", {key}: " in problem)
    assert f"study.yaml, line {line}, {key}: " in problem
    assert repair in problem


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-21",
        "<<",
        "=",
        "~user",
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        "\U0001f469\u200d\U0001f680",
        "'no'",
        '"12"',
        "On Monday",
    ],
)
def test_text_that_yaml_leaves_alone(folder: Path, text: str) -> None:
    """Dates, signs, joined letters are text here, and so is everything in quotes."""
    write(folder, GOOD.replace("title: A talk", f"title: {text}"))
    assert load_study(folder).definition.title == text.strip("'\"")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("kind: openai", "kind: bot", "agents[0].kind: must be one of openai, eliza, scripted"),
        ("kind: openai", "kindd: openai", "agents[0].kind: must be one of"),
        (
            "prompt: prompt.md",
            "promt: prompt.md",
            "agents[0].promt: is not a known key here. Did you mean 'prompt'?",
        ),
        ("dialogs: dialogs.jsonl", "prompt: prompt.md", "agents[1].prompt: is not a known key here"),
        ("dialogs: dialogs.jsonl", "delay_ms: 5", "agents[1]: a scripted agent needs either"),
        (
            "dialogs: dialogs.jsonl",
            "dialogs: dialogs.jsonl\n    reply: Hi",
            "agents[1]: a scripted agent needs either",
        ),
        ("default: true", "default: maybe", "agents[0].default: must be true or false"),
        ("default: true", "default: false", "0 of the agents have 'default: true'"),
        ("kind: scripted", "kind: scripted\n    default: true", "2 of the agents have 'default: true'"),
        ("name: Script", "name: MODEL", "agents[0] and agents[1] have one name: MODEL"),
        ("name: Script", 'name: " Script"', "agents[1].name: must be one line"),
        ("name: Script", 'name: "a\\nb"', "agents[1].name: must be one line"),
        ("id: talk", "id: My talk", "id: should match pattern"),
        ("prompt: prompt.md", "prompt: 5", "agents[0].prompt: must be text"),
        (
            "prompt: prompt.md",
            "parameters: {temperature: 3}",
            "agents[0].parameters.temperature: should be less",
        ),
        (
            "prompt: prompt.md",
            "parameters: {temperature: no}",
            "agents[0].parameters.temperature: should be a valid",
        ),
        ("prompt: prompt.md", "parameters: {n: 2}", "agents[0].parameters.n: is not a known key here"),
        ("agents:", "limits: {message_length: 0}\nagents:", "limits.message_length: should be greater"),
        ("agents:", "starters: [{label: A}]\nagents:", "starters[0].message: is missing"),
        (
            "agents:",
            "limits: {message_length: 2}\nstarters: [{label: A, message: Hello}]\nagents:",
            "starters[0].message has 5 characters, and limits.message_length is 2. Shorten it",
        ),
        ("agents:", "title: Again\nagents:", "title: stands already on line 2"),
        (
            "agents:",
            "agents: []\nunused:",
            'agents: needs at least one agent. Write it like: agents: [{"name": "ELIZA", "kind": "eliza"}]',
        ),
        ("agents:", "unused:", "agents: is missing"),
        ("agents:", "1: 2\nagents:", ", 1: keys should be strings"),
        ("agents:", "limits: {1: 2}\nagents:", "limits.1: keys should be strings"),
    ],
)
def test_a_wrong_value_is_named_with_its_repair(folder: Path, old: str, new: str, expected: str) -> None:
    """Each message has the key's place in the file and what to do."""
    assert old in GOOD
    write(folder, GOOD.replace(old, new))
    problem = next((problem for problem in check_study(folder) if expected in problem), None)
    assert problem is not None, check_study(folder)
    assert problem.count(". ") >= 1, f"no repair: {problem}"
    assert "\n" not in problem


def test_each_part_of_the_file_is_known() -> None:
    """A part that is added has words of its own for mistakes, and a table in the manual."""
    parts = {Study, *PARTS.values()}
    assert {
        one for part in parts for key in part.model_fields.values() for one in parts_in(key.annotation)
    } <= parts


@pytest.mark.parametrize(
    ("part", "repair"),
    [
        ("replies:\n  say_cutoff: false\n", "Did you mean 'say_cut_off'? Known here: say_cut_off."),
        ('replies:\n  say_cut_off: "no"\n', "Write it like: say_cut_off: true"),
        ("ratings:\n  god: [Kind]\n", "Did you mean 'good'? Known here: good, bad, comment."),
        (
            "login:\n  parameters: 3\n",
            'Write it like: parameters: ["PROLIFIC_PID", "STUDY_ID", "SESSION_ID"]',
        ),
        ("sharing:\n  days: 0\n", "Write it like: days: 30"),
        ("intents:\n  idle_minute: 5\n", "Did you mean 'idle_minutes'? Known here: idle_minutes, knows."),
        ("intents:\n  knows: everything\n", 'Write it like: knows: "summary"'),
        ("ratings:\n  good: [12]\n", 'Put it in quotes: "12"'),
        (
            "login:\n  parameters: [A, not one]\n",
            'Write it like: parameters: ["PROLIFIC_PID", "STUDY_ID", "SESSION_ID"]',
        ),
    ],
)
def test_a_mistake_in_any_part_is_repaired_in_its_words(folder: Path, part: str, repair: str) -> None:
    """The keys that are known there, not those of the file's top; the example is the key's own."""
    write(folder, GOOD + part)
    assert repair in only_problem(folder)


def test_words_that_nobody_can_see_are_refused(folder: Path) -> None:
    """A scripted reply of them would be an empty answer, each time: a zero-width space is no white space."""
    text = GOOD[: GOOD.index("agents:")] + 'agents:\n  - {name: S, kind: scripted, reply: "\\u200B"}\n'
    write(folder, text)
    assert only_problem(folder).endswith(
        'reply: has nothing in it that can be seen. Write it like: reply: "Thank you, go on."'
    )
    line = json.dumps({"conversation_id": "a", "utterances": [{"speaker": "user", "text": "\u2800"}]})
    with pytest.raises(DialogFileError, match="has no text"):
        parse_dialogs(line, "d.jsonl")
