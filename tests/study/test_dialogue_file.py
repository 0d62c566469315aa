"""A mistake in a dialogue file is told with its place and its repair."""

from pathlib import Path

import pytest

from agent.task.checking import check_dialogues
from docs.study_tables import _PARTS
from study.complaints import DIALOGUE_PARTS
from study.loader import check_study, load_study
from study.parts import StudyPart
from study.task_definition import DialogueDefinition
from tests.study.test_complaints import parts_in

STUDY = """\
id: desk
title: The desk
contact: desk@example.org
welcome: Hello.
agents:
  - {name: Desk, kind: task, dialogue: dialogue.yaml}
"""
GOOD = """\
intents:
  book:
    title: Book a table
    words: [book]
    slots:
      guests: {kind: quantity, required: true, ask: "How many?"}
    answer: Booked.
"""

BARE = "intents:\n  book:\n    title: Book a table\n    words: [book]\n"
DONE = "    answer: Booked.\n"
CALL = "    calls: [{tool: pay, %s}]\n"
TOOLS = '''
from agent.tools import tool


def pay(a: dict | None = None) -> int:
    """Pay."""
    return 1


def give(a: int) -> int:
    """Give."""
    return a


@tool(asks_first=True)
def ask() -> int:
    """Ask."""
    return 1
'''
WITH_TOOLS = """\
    tools:
      module: tools.py
      use: [pay, give, ask]
      servers:
        - name: library
          command: [python, server.py]
          use: [look.up, take.away]
          asks_first: {take.away: "Really?"}
"""


def with_tools(folder: Path, dialogue: str) -> Path:
    """A study whose agent has two functions and a server's tool."""
    written(folder, dialogue)
    agent = "  - name: Desk\n    kind: task\n    dialogue: dialogue.yaml\n"
    study = STUDY[: STUDY.index("  - {name")] + agent + WITH_TOOLS
    (folder / "study.yaml").write_text(study, encoding="utf-8")
    (folder / "tools.py").write_text(TOOLS, encoding="utf-8")
    return folder


def written(folder: Path, dialogue: str) -> Path:
    """A study with a dialogue file."""
    (folder / "study.yaml").write_text(STUDY, encoding="utf-8")
    (folder / "dialogue.yaml").write_text(dialogue, encoding="utf-8")
    return folder


def test_a_good_one_is_read_and_counts_for_the_fingerprint(tmp_path: Path) -> None:
    """A changed word of it is another study."""
    first = load_study(written(tmp_path, GOOD))
    assert first.dialogues["dialogue.yaml"].intents["book"].title == "Book a table"
    assert first.fingerprint != load_study(written(tmp_path, GOOD.replace("Booked", "Done"))).fingerprint


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("words:", "wordz:", "line 4, intents.book.wordz: is not a known key here. Did you mean 'words'"),
        (
            "kind: quantity",
            "kind: dozen",
            "line 6, intents.book.slots.guests.kind: should be 'text'",
        ),
        ('ask: "How many?"', "ask: yes", 'YAML reads yes as true. Put it in quotes: ask: "yes"'),
        (', ask: "How many?"', "", "what is required needs a question: 'ask'. Write it like: ask:"),
        ("words: [book]", 'patterns: ["(book"]', "is no regular expression (missing )"),
        ("kind: quantity", "kind: choice", "needs 'options' where it is a choice, and only there"),
        ("answer: Booked.", 'answer: "Booked \\0"', "line 7, intents.book.answer: holds NUL"),
        ("intents:\n", "timezone: Mars\nintents:\n", "timezone: is no time zone that this machine knows"),
        ("intents:\n", "timezone: ../etc\nintents:\n", "timezone: is no time zone"),
        ("kind: quantity", "kind: quantity, starts: [extra]", "a quantity has no 'starts'"),
        ("kind: quantity", "kind: quantity, default: many", "many is no quantity, and cannot be its default"),
        ("kind: quantity", "kind: number, default: true", "true is no number, and cannot be its default"),
        (
            "kind: quantity",
            "kind: list, head: a, confirm: true, slots: {a: {kind: choice, options: {A: []}}}",
            "a list has no 'confirm'; that is for: text",
        ),
        ("intents:\n", "close: 0.9\nintents:\n", "'close' is 0.9, and 'sure' is 0.5. Write it like: close"),
        ("title: Book a table", 'title: "\u200b"', "title: has nothing in it that can be seen"),
        (
            "    answer: Booked.\n",
            "    answer: Booked.\n  order: {title: Order, answer: Done.}\n",
            "intents.order: has nothing by which it is recognised. Write it like: words:",
        ),
        ("words: [book]", "words: [book]\n    aside: true", "has the required slot guests. Take 'aside' out"),
        ("words: [book]", f'patterns: ["{"(" * 500 + ")" * 500}"]', "is no regular expression"),
        ("words: [book]", 'patterns: ["(?:(?:a{1000}){,1000}){100,}"]', "come to more than 1000000 together"),
        (
            "kind: quantity",
            "kind: choice, options: {One: [], Two: []}, default: one",
            "its default, one, is none of its options. Write one that it can have",
        ),
        (
            "    answer: Booked.\n",
            "    answer: Booked.\n  order: {title: book  A TABLE, words: [x], answer: Done.}\n",
            "two intents have the title of book. Give each",
        ),
        ("    answer: Booked.\n", "", "line 2, intents.book.answer: is missing. Write it like: answer:"),
    ],
)
def test_a_mistake_is_told(tmp_path: Path, old: str, new: str, told: str) -> None:
    """With file, line, key and repair."""
    assert old in GOOD
    (problem,) = check_study(written(tmp_path, GOOD.replace(old, new)))
    assert problem.startswith(str(tmp_path / "dialogue.yaml"))
    assert told in problem


ITEMS = """\
    slots:
      items:
        {kind: list, head: drink, ask: "%s", slots: {drink: {kind: choice, options: {Tea: []}, ask: "%s"}}}
"""


@pytest.mark.parametrize(
    ("dialogue", "told"),
    [
        (BARE + '    answer: "{{ guests"\n', "intents.book.answer: cannot be filled in"),
        (BARE + DONE + '    confirm: "{{ a b }}"\n', "intents.book.confirm: cannot be filled in"),
        (BARE + DONE + ITEMS % ("{{", "Which?"), "intents.book.slots.items.ask: cannot be filled in"),
        (BARE + DONE + ITEMS % ("What?", "{{"), "intents.book.slots.items.slots.drink.ask: cannot be"),
        (BARE + DONE + "says: {cancelled: '{% if %}'}\n", "says.cancelled: cannot be filled in"),
        (
            BARE + DONE + "says: {canceled: No.}\n",
            "says.canceled: is none of the standard answers. Known: canc",
        ),
        (BARE + DONE + CALL % "otherwise: '{{ 1'", "intents.book, pay, otherwise: cannot be filled in"),
        (BARE + DONE + CALL % "condition: '1 +'", "intents.book, pay, condition: cannot be filled in"),
        (
            BARE + DONE + CALL % "arguments: {a: {b: [x, '{{']}}",
            "intents.book, pay, arguments.a.b[1]: cannot be filled in",
        ),
        (
            BARE + DONE + CALL.replace("pay", "sell") % "keep: {}",
            "calls sell, which is none of the agent's tools",
        ),
        (BARE + DONE + CALL % "arguments: {b: 1}", "intents.book, pay: has no parameter 'b'. It has: a."),
        (
            BARE + DONE + CALL.replace("pay", "give") % "keep: {}",
            "intents.book, give: needs 'a'. Write it like",
        ),
        (BARE + DONE + CALL % "otherwise: '{{ %s }}'" % ("(" * 5_000), "otherwise: cannot be filled in"),
        (BARE.replace("Book a table", "Something ELSE") + DONE, "is the button for something else, too"),
        (
            BARE + DONE + "    slots: {cup: {kind: choice, options: {Small: [cup], Large: [Cups]}}}\n",
            "slots.cup.options: 'Cups' stands for two of them. Keep one.",
        ),
        (BARE + DONE + CALL % "each: title", "intents.book, pay: there is no list 'title'"),
        (
            BARE + DONE + CALL % "each: day" + "    slots: {day: {kind: date}}\n",
            "intents.book, pay: there is no list 'day'",
        ),
        (
            BARE + DONE + CALL.replace("calls", "prepare").replace("pay", "ask") % "keep: {}",
            "calls ask, which asks first",
        ),
        (
            BARE + DONE + CALL.replace("pay", "ask") % "keep: {}",
            "calls ask, which asks first, without a question",
        ),
        (
            BARE + DONE + CALL.replace("pay", "take_away") % "keep: {}",
            "calls take_away, which asks first, without a question",
        ),
    ],
)
def test_what_only_its_agent_can_tell(tmp_path: Path, dialogue: str, told: str) -> None:
    """Every text that is filled in, wherever it stands; tools and lists that are not there; no question."""
    problems = check_dialogues(load_study(with_tools(tmp_path, dialogue)))
    assert len(problems) == 1
    assert told in problems[0]


def test_tools_that_are_there_are_called(tmp_path: Path) -> None:
    """Those of the module, those that ask first after a question, and those of a server of tools."""
    calls = "    calls: [{tool: pay}, {tool: ask}, {tool: look_up}]\n"
    dialogue = BARE + DONE + calls + '    confirm: "Sure?"\n'
    assert check_dialogues(load_study(with_tools(tmp_path, dialogue))) == []


def test_every_part_of_the_file_is_known() -> None:
    """To complaints, and to the page that lists the keys."""
    parts: set[type[StudyPart]] = {DialogueDefinition, *DIALOGUE_PARTS.values()}
    held = {
        inner
        for part in parts
        for field in part.model_fields.values()
        for inner in parts_in(field.annotation)
    }
    assert held <= parts
    assert parts <= set(_PARTS.values())
