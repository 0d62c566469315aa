"""Forms in a study file: what `check` says of a wrong one, with its place and the repair."""

from pathlib import Path

import pytest

from study.loader import check_study, load_study

HEAD = """id: forms
title: Forms
contact: Dr. Kim
welcome: Hello
"""
AGENT = """agents:
  - {name: Waiter, kind: scripted, reply: "What would you like?", asks: [order]}
"""


def complaints(folder: Path, forms: str, agent: str = AGENT) -> str:
    """What is wrong with a study of these forms."""
    (folder / "study.yaml").write_text(HEAD + agent + forms)
    return "\n".join(check_study(folder))


def items(*lines: str) -> str:
    """A form of these items."""
    return "forms:\n  - id: order\n    items:\n" + "".join(f"      - {line}\n" for line in lines)


def test_a_right_form_is_read(tmp_path: Path) -> None:
    """Texts in several languages, options as texts, true and false as YAML reads them."""
    forms = items(
        '{id: drink, kind: choice, label: {en: "Which?", de: "Welches?"}, options: [Tea, Coffee]}',
        '{id: milk, kind: yes_no, label: "Milk?", show_if: {item: drink, is: Coffee}}',
        '{id: sort, kind: choice, label: "Which?", options: [{value: oat, label: Oat}], '
        "show_if: {all: [{item: milk, is: yes}]}}",
    )
    assert complaints(tmp_path, forms) == ""
    (form,) = load_study(tmp_path).definition.forms
    assert [option.code for option in form.items[0].options] == [1, 2]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{id: a, kind: choise, label: x}", "line 10, forms[0].items[0].kind"),
        ("{id: a, kind: choice, label: x, options: []}", "Write them like: options: [Tea, Coffee]"),
        ("{id: a, kind: number, label: x, least: 5, most: 1}", "its least, 5, is more than its most, 1"),
        ("{id: a, kind: text, label: x, show_if: {item: b, is: c}}", "which is no item of this form"),
        ("{id: a, kind: text, label: x, requird: true}", "Did you mean 'required'?"),
        ("{id: a, kind: text, label: {fr: x}}", "Write it like: label: {en: Which milk?, de: Welche Milch?}"),
        ("{id: a, kind: text}", "forms[0].items[0].label: is missing"),
        ("{id: a, kind: text, label: x, options: [b]}", "Leave it out, or choose another kind."),
        (
            "{id: a, kind: text, label: x, show_if: {item: b}}",
            "Write it like: show_if: {item: drink, is: coffee}",
        ),
    ],
)
def test_a_wrong_item_is_named_with_its_repair(tmp_path: Path, line: str, said: str) -> None:
    """The line, the key, what is wrong and how to mend it."""
    told = complaints(tmp_path, items(line))
    assert said in told
    assert "study.yaml, line" in told


def test_an_unknown_form_is_named(tmp_path: Path) -> None:
    """Whether a scripted agent names it, or a line of its dialogs."""
    forms = items("{id: a, kind: text, label: x}")
    told = complaints(tmp_path, forms, AGENT.replace("[order]", "[odrer]"))
    assert "asks with the form odrer; the study's forms: order" in told
    (tmp_path / "dialogs.jsonl").write_text(
        '{"conversation_id": "1", "utterances": [{"speaker": "user", "text": "Hi"}, '
        '{"speaker": "assistant", "text": "Yes?", "form": "odrer"}]}\n'
    )
    agent = "agents:\n  - {name: Waiter, kind: scripted, dialogs: dialogs.jsonl}\n"
    assert "asks with the form 'odrer', which study.yaml lacks. Its forms: order." in complaints(
        tmp_path, forms, agent
    )


def test_a_form_asks_for_files_only_where_they_are_taken(tmp_path: Path) -> None:
    """Else nobody could answer it: the form, the item and the repair are named."""
    forms = items("{id: paper, kind: file, label: x, most: 3, required: false}")
    lacking = complaints(tmp_path, forms)
    assert "the form order asks for a file (paper), and there is no 'attachments'" in lacking
    few = complaints(tmp_path, "attachments: {max_files: 2}\n" + forms)
    assert "takes 3 files (paper), and attachments.max_files is 2. Write it like: attachments:" in few
    assert complaints(tmp_path, "attachments: {max_files: 3}\n" + forms) == ""
