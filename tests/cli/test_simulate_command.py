"""`cli.py simulate --offline`: as a researcher types it."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli import cli


def types(*words: str) -> Any:
    """Type the command."""
    return CliRunner().invoke(cli, ["simulate", *words])


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of its own."""
    monkeypatch.setenv("VERBATIM_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("VERBATIM_DATABASE_URL", raising=False)
    return tmp_path


def test_a_study_is_made_where_there_was_nothing(data: Path) -> None:
    """The database is made too; what was written is said in a sentence."""
    told = types("--offline", "--threads", "30")
    assert told.exit_code == 0, told.output
    assert "have had 30 threads" in told.output
    with sqlite3.connect(data / "verbatim.db") as database:
        [agents] = database.execute("SELECT group_concat(DISTINCT agent) FROM threads").fetchall()
    assert set(agents[0].split(",")) == {"Assistant", "ELIZA"}


def test_the_first_day_can_be_chosen(data: Path) -> None:
    """Such as today, so that the overview shows the last weeks."""
    assert types("--offline", "--threads", "3", "--begin", "2026-11-02").exit_code == 0
    with sqlite3.connect(data / "verbatim.db") as database:
        [first] = database.execute("SELECT min(created_at) FROM threads").fetchone()
    assert first.startswith(("2026-11", "2026-12"))


def test_a_real_study_is_left_alone(data: Path) -> None:
    """One sentence with the repair, and the exit code of simulations."""
    types("--offline", "--threads", "3")
    with sqlite3.connect(data / "verbatim.db") as database:
        database.execute("UPDATE participants SET source = 'login' WHERE rowid = 1")
    told = types("--offline", "--threads", "3", "--seed", "8")
    assert told.exit_code == 15
    assert "--mix" in told.output
    assert types("--offline", "--threads", "3", "--seed", "8", "--mix").exit_code == 0


def test_over_the_page_a_file_is_needed() -> None:
    """What is spoken there must be known to the agent as well."""
    assert types().exit_code == 2
