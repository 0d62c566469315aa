"""`cli.py researcher` and `cli.py audit`: as an operator types them."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli import cli


def types(*words: str, given: str | None = None) -> Any:
    """Type a command."""
    return CliRunner().invoke(cli, list(words), input=given)


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of its own."""
    monkeypatch.setenv("VERBATIM_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("VERBATIM_DATABASE_URL", raising=False)
    return tmp_path


def test_a_researcher_is_made_and_listed() -> None:
    """The password stands alone on standard output."""
    made = types("researcher", "add", "Vera", "--role", "viewer")
    assert made.exit_code == 0
    assert len(made.stdout.strip().split("-")) == 4
    assert "viewer      Vera" in types("researcher", "list").stdout


def test_the_first_account_is_made_once() -> None:
    """The second start shows no password."""
    assert types("researcher", "first").stdout.strip() != ""
    assert types("researcher", "first").stdout.strip() == ""
    assert "owner" in types("researcher", "list").stdout


@pytest.mark.parametrize(
    "words",
    [
        ("add", "Vera", "--role", "emperor"),
        ("password", "Nobody"),
        ("role", "Nobody", "viewer"),
        ("disable", "Nobody"),
        ("totp-off", "Nobody"),
    ],
)
def test_what_cannot_be_done_says_the_repair(words: tuple[str, ...]) -> None:
    """One sentence, and the exit code of accounts."""
    told = types("researcher", *words)
    assert told.exit_code == 17
    assert "Traceback" not in told.output


def test_a_lost_phones_codes_are_turned_off(data: Path) -> None:
    """The list says whose are on; the log says that they were turned off here."""
    types("researcher", "first")
    with sqlite3.connect(data / "verbatim.db") as database:
        database.execute("UPDATE researchers SET totp_secret = 'ABC', totp_since = created_at")
    assert "one-time codes" in types("researcher", "list").stdout
    assert types("researcher", "totp-off", "owner").exit_code == 0
    assert "one-time codes" not in types("researcher", "list").stdout
    with sqlite3.connect(data / "verbatim.db") as database:
        noted = database.execute("SELECT action, target FROM audit_log ORDER BY position DESC").fetchone()
        assert database.execute("SELECT totp_secret FROM researchers").fetchone() == (None,)
    assert noted == ("researcher_codes_off", "owner")


def test_the_last_owner_stays() -> None:
    """Neither demoted nor shut out."""
    types("researcher", "first")
    assert types("researcher", "role", "owner", "viewer").exit_code == 17
    assert types("researcher", "disable", "owner").exit_code == 17


def test_a_password_is_read_from_standard_input() -> None:
    """And a short one refused."""
    assert types("researcher", "add", "Vera", "--password-stdin", given="short\n").exit_code == 17
    made = types("researcher", "add", "Vera", "--password-stdin", given="long enough for anybody\n")
    assert (made.exit_code, made.stdout) == (0, "")


def test_a_changed_log_has_an_exit_code_of_its_own(data: Path) -> None:
    """`audit verify` prints the newest hash, and fails when a line was changed or the expected is gone."""
    types("researcher", "add", "Vera")
    whole = types("audit", "verify")
    assert whole.exit_code == 0
    assert types("audit", "verify", "--expect", whole.stdout.strip()).exit_code == 0
    assert types("audit", "verify", "--expect", "0" * 64).exit_code == 18
    connection = sqlite3.connect(data / "verbatim.db")
    connection.execute("UPDATE audit_log SET target = 'Otto'")
    connection.commit()
    connection.close()
    assert types("audit", "verify").exit_code == 18
