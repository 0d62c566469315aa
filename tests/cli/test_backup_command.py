"""`cli.py backup`: as an operator types it."""

import sqlite3
from pathlib import Path

import pytest

from tests.cli.test_researcher_commands import data, types  # noqa: F401  # a fixture


def test_a_backup_is_made_and_proved(data: Path, tmp_path: Path) -> None:  # noqa: F811
    """Its place stands alone on standard output; the log says that it was begun, and that it was made."""
    types("migrate")
    out = tmp_path / "copies" / "monday"
    made = types("backup", str(out))
    assert (made.exit_code, made.stdout.strip()) == (0, str(out))
    assert "who they are" in made.output
    proved = types("backup", "verify", str(out))
    assert proved.exit_code == 0
    assert "All is well" in proved.output
    with sqlite3.connect(data / "verbatim.db") as database:
        lines = database.execute("SELECT action, target FROM audit_log ORDER BY position").fetchall()
    assert lines == [("backup_begun", str(out)), ("backup_made", str(out))]


def test_a_backup_without_a_name_gets_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Below backups/, where it is started."""
    types("migrate")
    monkeypatch.chdir(tmp_path)
    made = types("backup")
    assert made.exit_code == 0
    assert Path(made.stdout.strip()).parent == tmp_path / "backups"


def test_a_changed_backup_cannot_be_relied_on(tmp_path: Path) -> None:
    """Each finding has a line, and the exit code is that of exports."""
    types("migrate")
    out = tmp_path / "copy"
    types("backup", str(out))
    with (out / "verbatim.db").open("ab") as file:
        file.write(b"more")
    proved = types("backup", "verify", str(out))
    assert proved.exit_code == 14
    assert "verbatim.db was changed" in proved.output


def test_what_cannot_be_backed_up_says_so(data: Path, tmp_path: Path) -> None:  # noqa: F811
    """No database yet, or something at the place: and nothing is made on the way."""
    assert types("backup", str(tmp_path / "copy")).exit_code == 16
    assert not (data / "verbatim.db").exists()
    types("migrate")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").touch()
    refused = types("backup", "make", str(tmp_path / "full"))
    assert refused.exit_code == 14
    assert "never overwrites" in refused.output
