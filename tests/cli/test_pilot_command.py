"""`cli.py pilot`: as a researcher types it, before anybody comes."""

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli import cli
from exports.reading import load
from simulation.protocol.tempers import Temper

STUDY = Path(__file__).resolve().parents[1] / "data/protocol"
PARTICIPANTS = 20

pytestmark = pytest.mark.journey


def types(*words: str) -> Any:
    """Type the command."""
    return CliRunner().invoke(cli, ["pilot", *words])


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a pilot of every temper wrote, beside a data folder of the study's that it must leave alone."""
    folder = tmp_path_factory.mktemp("pilot")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VERBATIM_DATA_DIR", str(folder / "data"))
        patch.delenv("VERBATIM_DATABASE_URL", raising=False)
        told = types(str(STUDY), "--participants", str(PARTICIPANTS), "--out", str(folder / "out"))
    assert told.exit_code == 0, told.output
    assert not (folder / "data").exists()
    return folder / "out"


@pytest.fixture(scope="module")
def readiness(out: Path) -> dict[str, Any]:
    """As a program reads it."""
    told: dict[str, Any] = json.loads((out / "readiness.json").read_text(encoding="utf-8"))
    return told


def test_nobody_met_what_nobody_should(readiness: dict[str, Any]) -> None:
    """Two tabs, a way back and a press that comes too early move nothing; nobody is stuck."""
    assert [one for one in readiness["complaints"] if "pilot-" in one] == []
    assert readiness["tempers"].keys() == {temper.value for temper in Temper}


def test_the_figures_are_those_of_the_export(out: Path, readiness: dict[str, Any]) -> None:
    """Endings and the usable are counted from rows, and verify has proved them."""
    people = load(out / "export", tables=["participations"])["participations"]
    counted = {name: count for name, count in readiness["endings"].items() if count and name != "withdrew"}
    assert counted == people["ending"].value_counts().to_dict()
    assert readiness["usable"] == {"all": int(people["usable"].fillna(value=False).sum())}
    assert readiness["usable"]["all"] > 0
    assert readiness["export"]["verified"] is True


def test_whoever_came_is_marked_and_kept_apart(out: Path) -> None:
    """In a database of the pilot's own, each with the source of those whom nobody is behind."""
    people = load(out / "export", tables=["participants"])["participants"]
    assert set(people["source"]) == {"simulation"}
    with sqlite3.connect(out / "data/verbatim.db") as database:
        assert database.execute("SELECT DISTINCT source FROM participants").fetchall() == [("simulation",)]


def test_the_report_needs_nothing_beside_it(out: Path, readiness: dict[str, Any]) -> None:
    """No address, no script; each complaint stands on it."""
    page = (out / "readiness.html").read_text(encoding="utf-8")
    assert "http" not in page
    assert "<script" not in page
    assert "<svg" in page
    assert page.count("<li>") == len(readiness["complaints"])


def test_what_is_there_is_not_written_over(out: Path) -> None:
    """One sentence with the repair."""
    told = types(str(STUDY), "--out", str(out))
    assert told.exit_code == 15
    assert "is not empty" in told.output


def test_a_study_without_a_protocol_is_sent_elsewhere(tmp_path: Path) -> None:
    """There are no pages to walk through."""
    told = types(str(STUDY.parents[2] / "studies/example"), "--out", str(tmp_path / "out"))
    assert told.exit_code == 10
    assert "cli.py simulate" in told.output
    assert not (tmp_path / "out").exists()
