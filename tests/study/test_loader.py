"""A study is read whole, or refused with every problem, its place and its repair."""

from pathlib import Path

import pytest

from study.agent_definitions import OpenAIDefinition
from study.errors import StudyFileError
from study.loader import check_study, load_study
from study.yaml_text import Spot, YamlProblem, YamlText
from tests.study.examples import DIALOG, GOOD, only_problem, write

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "studies" / "example"


def test_a_right_study_is_read_whole(folder: Path) -> None:
    """Definition, folder, and the texts by the names that the file gives them."""
    study = load_study(folder)
    assert (study.definition.id, study.folder) == ("talk", folder)
    assert dict(study.texts) == {"prompt.md": "Be kind.\n", "dialogs.jsonl": DIALOG}
    assert check_study(folder) == []


def test_the_example_is_right() -> None:
    """What researchers copy is well, and has what the manual says of it."""
    study = load_study(EXAMPLE)
    assert check_study(EXAMPLE) == []
    assert study.definition.limits.message_length == 10_000
    assert 3 <= len(study.definition.starters) <= 4
    assert isinstance(study.definition.default_agent, OpenAIDefinition)


def test_a_loaded_study_cannot_be_changed(folder: Path) -> None:
    """What runs is what was fingerprinted."""
    study = load_study(folder)
    with pytest.raises(ValueError, match="frozen"):
        study.definition.title = "Another"  # type: ignore[misc]
    with pytest.raises(TypeError):
        study.texts["prompt.md"] = "Be rude."  # type: ignore[index]


def test_what_no_database_keeps_is_refused(folder: Path) -> None:
    """YAML can write NUL in quotes: it would be kept, and sent to a model, otherwise than it stands there."""
    write(
        folder,
        GOOD.replace("title: A talk\n", 'title: A talk\nstarters:\n  - {label: Hi, message: "A\\0b"}\n'),
    )
    assert "line 4, starters[0].message: holds NUL or half of a character" in only_problem(folder)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "line 1, id: is missing"),
        ("title: A talk\nagents: [[a]]", "line 2, agents[0]"),
        ("- a\n- b", "block of keys"),
        ("just text", "line 1: should be a block of keys"),
        ("a: 1\ntitle: [", "line 2: is not YAML (while parsing a flow"),
        ("title: a: b", "line 1: is not YAML"),
        ("a: 1\n---\nb: 2", "is not YAML"),
        ("a: &x [1]", "line 1: & and * (anchors)"),
        ("a: 1\nb: [&x 1]", "line 2: & and * (anchors)"),
        ("a: *x", "anchors"),
        ("a: !!python/object/apply:os.system [id]", "a tag"),
        ("a: !!timestamp no", "a tag"),
        ("? [a]\n: b", "is not YAML"),
        ("a: " + "[" * 100 + "]" * 100, "nested"),
        ("a: \0", "study.yaml: is not YAML"),
        (f"a: {'9' * 5_000}", "cannot be read"),
        ('title: "\\uD800"', "title"),
    ],
)
def test_what_is_no_study_file_is_refused(folder: Path, text: str, expected: str) -> None:
    """Broken, ambiguous or hostile YAML ends in a sentence."""
    write(folder, text)
    assert any(expected in problem for problem in check_study(folder)), check_study(folder)


@pytest.mark.parametrize(("opened", "most"), [("[", 20), ("[0, ", 19), ("[[0], ", 18)])
def test_twenty_levels_are_read_and_no_more(opened: str, most: int) -> None:
    """However much stands beside them: nothing hostile fills the call stack."""
    assert YamlText(opened * most + "]" * most).value
    with pytest.raises(YamlProblem, match="more than 20 deep"):
        YamlText(opened * (most + 1) + "]" * (most + 1))


def test_a_place_that_is_not_in_the_text_is_the_last_one_that_is() -> None:
    """A list's items have lines of their own; one behind the last has the list's."""
    text = YamlText("a:\n- b\n- c\n")
    assert text.spot(("a", 1)) == Spot(3, "c")
    assert text.spot(("a", 2)) == Spot(1, None)
    assert text.spot(("a", "b")) == Spot(1, None)
    assert text.spot((0,)) == Spot(1, None)


def test_a_study_with_a_fault_is_not_loaded(folder: Path) -> None:
    """Also where all that its own file says is right."""
    (folder / "prompt.md").unlink()
    with pytest.raises(StudyFileError, match=r"there is no file 'prompt\.md'"):
        load_study(folder)


def test_the_longest_prompt_is_read_and_none_that_is_longer(folder: Path) -> None:
    """A larger file is another one by mistake."""
    (folder / "prompt.md").write_bytes(b"x" * 2_000_000)
    assert check_study(folder) == []
    (folder / "prompt.md").write_bytes(b"x" * 2_000_001)
    assert "has 2,000,001 bytes; at most 2,000,000 are read" in only_problem(folder)


def test_a_fingerprint_is_the_same_for_ever(folder: Path) -> None:
    """It stands in every row: of another one a year later, nobody could say which study it was."""
    assert (
        load_study(folder).fingerprint == "03f5e2c60db66cb2b15bdeb580dcfc2d17d70a18e477c3be7ac0a668d33d792a"
    )


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """The message names the folder."""
    assert str(tmp_path / "gone") in only_problem(tmp_path / "gone")


def test_a_folder_without_a_study_file(tmp_path: Path) -> None:
    """The message names the file that is missed."""
    assert "there is no file 'study.yaml'" in only_problem(tmp_path)


def test_a_file_in_another_encoding(folder: Path) -> None:
    """Latin-1 is refused with the place of the byte."""
    (folder / "study.yaml").write_bytes(GOOD.replace("A talk", "Gespr\u00e4ch").encode("latin-1"))
    assert "is not UTF-8. Save the file with the encoding UTF-8." in only_problem(folder)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("gone.md", "there is no file 'gone.md'"),
        ("../outside.md", "is not a plain file name"),
        ("/etc/hostname", "is not a plain file name"),
        ("./prompt.md", "is not a plain file name"),
        ("a//b.md", "is not a plain file name"),
        ("a\\\\b.md", "is not a plain file name"),
        ("C:prompt.md", "is not a plain file name"),
        ("study.yaml", "cannot be its own text"),
        ("texts", "there is no file 'texts'"),
        ("link.md", "leads out of the study's folder"),
        ("loop.md", "leads out of the study's folder"),
        ("empty.md", "is empty"),
        ("binary.md", "holds a NUL"),
        ("latin.md", "is not UTF-8"),
        ("a\\0b", "should match pattern"),
        ("x" * 300, "should have at most 200 characters"),
    ],
)
def test_a_text_that_cannot_be_used(folder: Path, name: str, expected: str) -> None:
    """Missing, outside the folder, by a link too, empty, binary: refused at the key that names it."""
    (folder.parent / "outside.md").write_text("outside", encoding="utf-8")
    (folder / "texts").mkdir()
    (folder / "link.md").symlink_to(folder.parent / "outside.md")
    (folder / "loop.md").symlink_to(folder / "loop.md")
    (folder / "empty.md").write_text(" \n", encoding="utf-8")
    (folder / "binary.md").write_bytes(b"a\0b")
    (folder / "latin.md").write_bytes(b"\xe4")
    write(folder, GOOD.replace("prompt: prompt.md", f'prompt: "{name}"'))
    problem = only_problem(folder)
    assert "study.yaml, line 9, agents[0].prompt: " in problem
    assert expected in problem


def test_a_file_of_dialogs_is_checked_too(folder: Path) -> None:
    """Its own line and repair, before a participant meets it."""
    (folder / "dialogs.jsonl").write_text(DIALOG + "{}\n", encoding="utf-8")
    assert only_problem(folder).startswith(f"{folder / 'dialogs.jsonl'}, line 2: has no conversation_id.")


def test_a_study_of_one_agent_needs_no_default(folder: Path) -> None:
    """Who else should it be?"""
    write(folder, GOOD.split("  - name: Script")[0].replace("    default: true\n", ""))
    assert load_study(folder).definition.default_agent.name == "Model"


def test_two_agents_may_share_a_text(folder: Path) -> None:
    """One file, read once."""
    write(folder, GOOD + "  - {name: Other, kind: openai, prompt: prompt.md}\n")
    assert set(load_study(folder).texts) == {"prompt.md", "dialogs.jsonl"}


def test_a_text_is_checked_for_each_use(folder: Path) -> None:
    """A prompt that is named as a file of dialogs too is no file of dialogs."""
    write(folder, GOOD.replace("dialogs: dialogs.jsonl", "dialogs: prompt.md"))
    assert "is not JSON" in only_problem(folder)
