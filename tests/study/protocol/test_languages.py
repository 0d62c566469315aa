"""A protocol in several languages: the participant's is shown, and what lacks one is said."""

import shutil
from pathlib import Path

import pytest

from study.loader import load_study
from study.protocol.languages import text_for
from study.warnings import warnings_of


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The small study, with a German consent beside its own."""
    shutil.copytree("tests/data/protocol", tmp_path / "study")
    (tmp_path / "study/texts/consent.de.md").write_text("# Teilnahme\n", encoding="utf-8")
    return tmp_path / "study"


def test_a_text_is_shown_in_the_participant_s_language_where_it_is_there(folder: Path) -> None:
    """In another the file that the study names is shown."""
    texts = load_study(folder).texts
    assert text_for(texts, "texts/consent.md", "de") == "# Teilnahme\n"
    assert text_for(texts, "texts/consent.md", "es").startswith("# Taking part")


def test_a_changed_translation_is_another_study(folder: Path) -> None:
    """The fingerprint is over the files of all languages."""
    before = load_study(folder).fingerprint
    (folder / "texts/consent.de.md").write_text("# Anders\n", encoding="utf-8")
    assert load_study(folder).fingerprint != before


def test_what_lacks_a_language_that_others_have_is_named(folder: Path) -> None:
    """Each text file and survey, and the boxes of the consent, with the repair; the translated one is not."""
    said = [warning for warning in warnings_of(load_study(folder)) if "in 'de'" in warning]
    assert any("texts/debrief.md" in one and "texts/debrief.de.md beside it" in one for one in said), said
    assert any("surveys/before.yaml" in one for one in said)
    assert any("the boxes of the stage consent" in one for one in said)
    assert not any("texts/consent.md" in one for one in said)


def test_a_study_in_one_language_lacks_none(folder: Path) -> None:
    """Where its file sets the language, or all is in one, nothing is said."""
    study = folder / "study.yaml"
    study.write_text("language: de\n" + study.read_text(encoding="utf-8"), encoding="utf-8")
    assert [one for one in warnings_of(load_study(folder)) if "in 'de'" in one] == []
    assert [one for one in warnings_of(load_study(Path("tests/data/protocol"))) if "mixture" in one] == []


def test_one_check_of_attention_is_few_where_prolific_asks_for_two(folder: Path) -> None:
    """In a study of five minutes or more; in a shorter one it is enough."""
    assert any("1 check of attention" in one for one in warnings_of(load_study(folder)))
    study = folder / "study.yaml"
    text = study.read_text(encoding="utf-8").replace("minutes: 10}", "minutes: 4}")
    study.write_text(text, encoding="utf-8")
    assert not any("check of attention" in one for one in warnings_of(load_study(folder)))
