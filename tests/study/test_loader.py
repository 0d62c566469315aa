"""A study is read whole, or refused with every problem, its place and its repair."""

from pathlib import Path

import pytest

from study.definition import OpenAIDefinition
from study.errors import StudyFileError
from study.loader import check_study, load_study
from tests.study.examples import DIALOG, GOOD, write

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "studies" / "example"


def only_problem(folder: Path) -> str:
    """Return the one thing that is wrong."""
    (problem,) = check_study(folder)
    return problem


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
        ("agents:", "1: 2\nagents:", "1: keys should be strings"),
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


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "id: is missing"),
        ("- a\n- b", "block of keys"),
        ("just text", "block of keys"),
        ("title: [", "is not YAML"),
        ("title: a: b", "line 1: is not YAML"),
        ("a: 1\n---\nb: 2", "is not YAML"),
        ("a: &x [1]\nb: *x", "anchors"),
        ("a: *x", "anchors"),
        ("a: !!python/object/apply:os.system [id]", "a tag"),
        ("a: !!timestamp no", "a tag"),
        ("? [a]\n: b", "is not YAML"),
        ("a: " + "[" * 100 + "]" * 100, "nested"),
        ("a: \0", "is not YAML"),
        (f"a: {'9' * 5_000}", "cannot be read"),
        ('title: "\\uD800"', "title"),
    ],
)
def test_what_is_no_study_file_is_refused(folder: Path, text: str, expected: str) -> None:
    """Broken, ambiguous or hostile YAML ends in a sentence."""
    write(folder, text)
    assert any(expected in problem for problem in check_study(folder)), check_study(folder)


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
