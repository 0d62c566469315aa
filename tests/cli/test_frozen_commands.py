"""`cli.py freeze` and `cli.py seed`: as a researcher types them."""

import hashlib
import json
import shutil
from pathlib import Path

import pytest
import yaml

from tests.cli.test_researcher_commands import data, types

__all__ = ["data"]
PERSUASION = Path(__file__).resolve().parents[2] / "studies/persuasion"


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """An experiment of one's own."""
    return Path(shutil.copytree(PERSUASION, tmp_path / "mine"))


def frozen(study: Path, *words: str) -> dict[str, str]:
    """What freeze.json says after a freeze."""
    done = types("freeze", str(study), *words)
    assert done.exit_code == 0, done.output
    told: dict[str, str] = json.loads((study / "freeze.json").read_text(encoding="utf-8"))
    return told


def test_a_freeze_names_each_file_by_its_sha256(study: Path) -> None:
    """As anybody reckons it from the files."""
    told = json.loads(json.dumps(frozen(study)["files"]))
    assert {"study.yaml", "texts/consent.md", "prompts/facts.md", "surveys/quiz.yaml"} <= set(told)
    for name, said in told.items():
        assert said == hashlib.sha256((study / name).read_bytes()).hexdigest()


def test_the_seed_is_sealed_and_its_hash_is_the_frozen_one(study: Path) -> None:
    """`seed` says the hash that stands in freeze.json, and no seed before the end."""
    told = frozen(study)
    done = types("seed", str(study))
    assert done.exit_code == 0, done.output
    assert f"SHA-256 {told['seed_sha256']}" in done.output
    assert "sealed until the study has ended" in done.output


def test_a_seed_is_drawn_once(study: Path) -> None:
    """A second freeze, and `seed` before any, find the same."""
    assert types("seed", str(study)).exit_code == 0
    first = frozen(study)
    assert frozen(study)["seed_sha256"] == first["seed_sha256"]


def test_what_was_written_into_a_preregistration_stays(study: Path) -> None:
    """A second freeze writes freeze.json anew, and not over its author's words."""
    frozen(study)
    page = study / "preregistration.md"
    page.write_text("Ours.", encoding="utf-8")
    frozen(study)
    assert page.read_text(encoding="utf-8") == "Ours."


@pytest.mark.parametrize(
    ("name", "headings"),
    [
        ("preregistration.md", ["1. Data so far", "4. Conditions", "7. Sample size", "8. Anything else"]),
        (
            "preregistration-osf.md",
            ["1. Title", "7. Randomization", "10. Sample size", "19. Data exclusion", "22. Other"],
        ),
    ],
)
def test_a_preregistration_has_the_order_of_its_form(study: Path, name: str, headings: list[str]) -> None:
    """What follows from the study stands in it, with the seed's hash; the rest is to be written."""
    told = frozen(study)
    written = (study / name).read_text(encoding="utf-8")
    found = [line.removeprefix("## ") for line in written.splitlines() if line.startswith("## ")]
    assert [one for one in found if one in headings] == headings
    assert "facts.cool, facts.warm, stories.cool, stories.warm" in written
    assert "100 usable participants in each condition" in written
    assert told["seed_sha256"] in written
    assert "**To be written.**" in written


def test_a_study_without_conditions_has_no_seed(study: Path) -> None:
    """It is frozen all the same; `seed` says why there is none."""
    told = yaml.safe_load((study / "study.yaml").read_text(encoding="utf-8"))
    for key in ("conditions", "assign"):
        del told["protocol"][key]
    del told["protocol"]["endings"]["full"]
    (study / "study.yaml").write_text(yaml.safe_dump(told), encoding="utf-8")
    assert frozen(study)["seed_sha256"] is None
    done = types("seed", str(study))
    assert done.exit_code == 10
    assert "has no seed" in done.output


def test_an_ending_that_nobody_reaches_stops_the_freeze(study: Path) -> None:
    """It names the ending; with --anyway it is frozen as it is."""
    told = yaml.safe_load((study / "study.yaml").read_text(encoding="utf-8"))
    told["protocol"]["endings"]["lost"] = {"text": "texts/thanks.md"}
    (study / "study.yaml").write_text(yaml.safe_dump(told), encoding="utf-8")
    done = types("freeze", str(study))
    assert done.exit_code == 10
    assert "nothing leads to the ending lost" in done.output
    assert "--anyway" in done.output
    assert not (study / "freeze.json").exists()
    assert frozen(study, "--anyway")["study"] == "persuasion"
