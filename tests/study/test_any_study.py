"""A study's fingerprint, and what becomes of any file at all."""

import hashlib
import os
import shutil
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from study.agent_definitions import OpenAIDefinition
from study.definition import Study
from study.errors import StudyFileError
from study.loader import check_study, load_study
from tests.study.examples import GOOD, write

# Temporary folders are made once a test, and hypothesis runs many examples in one.
many = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def test_the_fingerprint_does_not_know_place_or_time(folder: Path, tmp_path: Path) -> None:
    """A copy elsewhere, at another time, with other files beside it, is the same study."""
    copy = tmp_path / "elsewhere" / "copy"
    shutil.copytree(folder, copy)
    (copy / "notes.txt").write_text("not named by study.yaml", encoding="utf-8")
    for path in copy.iterdir():
        os.utime(path, (1, 1))
    assert load_study(folder).fingerprint == load_study(copy).fingerprint


def test_the_fingerprint_can_be_computed_by_hand(folder: Path) -> None:
    """SHA-256 over name and content of each file, in the names' order, each after its length."""
    digest = hashlib.sha256()
    for name in ("dialogs.jsonl", "prompt.md", "study.yaml"):
        for part in (name.encode(), (folder / name).read_bytes()):
            digest.update(len(part).to_bytes(8, "big") + part)
    assert load_study(folder).fingerprint == digest.hexdigest()


@many
@given(st.binary(min_size=1, max_size=40), st.binary(min_size=1, max_size=40))
def test_any_other_text_is_another_study(folder: Path, one: bytes, other: bytes) -> None:
    """Two prompts that differ in any byte make two fingerprints, and equal ones make one."""
    prompt = folder / "prompt.md"
    fingerprints = []
    for content in (one, other):
        prompt.write_text(content.hex(), encoding="utf-8")
        fingerprints.append(load_study(folder).fingerprint)
    assert (fingerprints[0] == fingerprints[1]) == (one == other)


@many
@given(st.sampled_from(["study.yaml", "prompt.md", "dialogs.jsonl"]), st.data())
def test_every_byte_counts(folder: Path, name: str, data: st.DataObject) -> None:
    """A space at the end of any line of any file, which changes nothing else, changes the fingerprint."""
    before = load_study(folder).fingerprint
    original = (folder / name).read_bytes()
    ends = [place for place, byte in enumerate(original) if byte == ord("\n")]
    place = data.draw(st.sampled_from(ends))
    (folder / name).write_bytes(original[:place] + b" " + original[place:])
    try:
        assert load_study(folder).fingerprint != before
    finally:
        (folder / name).write_bytes(original)


def test_a_file_under_another_name_is_another_study(folder: Path) -> None:
    """The names count, and where one file ends and the next begins."""
    before = load_study(folder).fingerprint
    (folder / "prompt.md").rename(folder / "prompt2.md")
    write(folder, GOOD.replace("prompt: prompt.md", "prompt: prompt2.md"))
    assert load_study(folder).fingerprint != before


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.dates()
keys = st.sampled_from([*Study.model_fields, *OpenAIDefinition.model_fields, "label", "message"]) | st.text(
    max_size=9
)
anything: st.SearchStrategy[Any] = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=5),
    max_leaves=20,
)


@many
@given(st.dictionaries(keys, anything, max_size=8))
def test_any_mapping_is_read_or_refused_with_sentences(folder: Path, raw: dict[str, Any]) -> None:
    """Nothing but StudyFileError leaves the loader, whatever the file holds."""
    write(folder, yaml.safe_dump(raw, allow_unicode=True))
    problems = check_study(folder)
    assert all(problem.startswith(f"{folder / 'study.yaml'}, line ") for problem in problems)
    with pytest.raises(StudyFileError) if problems else nullcontext():
        load_study(folder)


@many
@given(st.text(max_size=100))
def test_any_text_is_read_or_refused_with_sentences(folder: Path, text: str) -> None:
    """Nor when it is not even YAML."""
    (folder / "study.yaml").write_bytes(text.encode(errors="surrogatepass"))
    assert check_study(folder)


@many
@given(st.integers(0, len(GOOD) - 1), st.sampled_from("\0\t:#-[]{}&*!|>'\"%@`, \n0a"))
def test_one_wrong_character_is_read_or_refused(folder: Path, place: int, character: str) -> None:
    """A slip of the finger anywhere in a right file is harmless, or a sentence."""
    write(folder, GOOD[:place] + character + GOOD[place + 1 :])
    problems = check_study(folder)
    assert problems or load_study(folder)
