"""What a study file may say of its protocol, and what its author reads of another."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from study.loader import check_study, load_study

SMALL = Path("tests/data/protocol")


@pytest.fixture
def changed(tmp_path: Path) -> Callable[[str, str, str], list[str]]:
    """The small study with some words in one file replaced: what `check` says of it."""

    def change(name: str, words: str, others: str) -> list[str]:
        folder = tmp_path / "study"
        shutil.copytree(SMALL, folder)
        text = (folder / name).read_text(encoding="utf-8")
        assert words in text
        (folder / name).write_text(text.replace(words, others, 1), encoding="utf-8")
        return check_study(folder)

    return change


def test_the_small_study_is_right() -> None:
    """Nothing is said of it, and its surveys are read."""
    study = load_study(SMALL)
    assert set(study.surveys) == {"surveys/before.yaml", "surveys/quiz.yaml", "surveys/after.yaml"}


def test_the_study_to_copy_is_right() -> None:
    """Its four conditions, its texts and surveys are read without a complaint."""
    study = load_study(Path("studies/persuasion"))
    assert study.definition.protocol is not None
    assert study.definition.protocol.conditions is not None
    assert len(study.definition.protocol.conditions.names) == 4


def test_a_changed_survey_is_another_study(tmp_path: Path) -> None:
    """The fingerprint is over the surveys and texts as well."""
    shutil.copytree(SMALL, tmp_path / "study")
    before = load_study(tmp_path / "study").fingerprint
    (tmp_path / "study/texts/consent.md").write_text("# Otherwise\n", encoding="utf-8")
    assert load_study(tmp_path / "study").fingerprint != before


@pytest.mark.parametrize(
    ("name", "words", "others", "said"),
    [
        ("study.yaml", "kind: consent", "kind: consents", "must be one of consent, survey"),
        ("study.yaml", "needed: [take_part]", "needed: [take_prat]", "its boxes: take_part, share"),
        ("study.yaml", "ending: screened_out", "ending: screened", "not among the endings"),
        ("study.yaml", 'code: "CN2R5T8W"', 'code: "C1A7QX9K"', "two of the endings have the code"),
        ("study.yaml", "id: after", "id: before", "two of the stages have the id before"),
        ("study.yaml", "whole: 60 minutes", "whole: 60", "a time with its unit"),
        ("study.yaml", "{least: 2, most: 3}", "{least: 4, most: 3}", "is more than its most"),
        ("study.yaml", "usable: {turns: {least: 2}", "usable: {turns: {least: 9}", "nobody is usable"),
        ("study.yaml", "uses_chatbots, is", "uses_chatbot, is", "which it does not ask"),
        ("study.yaml", "surveys/before.yaml", "surveys/befor.yaml", "surveys/befor.yaml"),
        ("study.yaml", "opening: texts", "openning: texts", "Did you mean 'opening'"),
        ("surveys/after.yaml", "before.support", "before.suport", "which no survey asks"),
        ("surveys/after.yaml", "before.support", "after.support", "which is not asked before it"),
        ("surveys/quiz.yaml", ", right: a computer program", "", "no item with a right answer"),
        ("surveys/after.yaml", "attention: disagree", "attention: disagre", "none of its answers: agree"),
        ("surveys/after.yaml", "kind: choice,", "kind: scale, most: 5,", "a scale has either options or"),
        (
            "surveys/after.yaml",
            'kind: choice, label: "Please choose disagree here.", options: [agree, disagree], attention: dis',
            'kind: scale, label: "Please choose 1 here.", attention: 1}\n# ',
            "with a middle",
        ),
        (
            "surveys/after.yaml",
            "before.support, at_least: 50}",
            "before.support, at_least: 50}, attention: x",
            "needs answers",
        ),
        ("surveys/before.yaml", "kind: slider", "kind: slidder", "surveys/before.yaml, line 4"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(
    changed: Callable[[str, str, str], list[str]], name: str, words: str, others: str, said: str
) -> None:
    """Each mistake is one sentence that names the place; `check` finds it before anybody comes."""
    problems = changed(name, words, others)
    assert any(said in problem for problem in problems), problems
