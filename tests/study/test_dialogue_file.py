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
        ("    answer: Booked.\n", "", "line 2, intents.book.answer: is missing. Write it like: answer:"),
    ],
)
def test_a_mistake_is_told(tmp_path: Path, old: str, new: str, told: str) -> None:
    """With file, line, key and repair."""
    assert old in GOOD
    (problem,) = check_study(written(tmp_path, GOOD.replace(old, new)))
    assert problem.startswith(str(tmp_path / "dialogue.yaml"))
    assert told in problem


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ('answer: "{{ guests"', "intents.book.answer: cannot be filled in"),
        (
            "answer: Booked.\n    calls: [{tool: book}]",
            "calls book, which is none of the agent's tools (none)",
        ),
    ],
)
def test_what_only_its_agent_can_tell(tmp_path: Path, answer: str, told: str) -> None:
    """Templates that cannot be filled in, and tools that are not there."""
    study = load_study(written(tmp_path, GOOD.replace("answer: Booked.", answer)))
    (problem,) = check_dialogues(study)
    assert told in problem


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
