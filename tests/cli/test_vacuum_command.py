"""`cli.py vacuum`: as an operator types it."""

import sqlite3
from pathlib import Path

from tests.cli.test_researcher_commands import data, types  # noqa: F401  # a fixture


def test_the_file_is_written_anew(data: Path) -> None:  # noqa: F811
    """What was freed before is in neither the file nor the log beside it."""
    types("migrate")
    path = data / "verbatim.db"
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA secure_delete = OFF")  # as SQLite is built on some systems
        database.execute("CREATE TABLE loose (words TEXT)")
        database.executemany("INSERT INTO loose VALUES (?)", [("quokkamarmot" * 9000,)] * 9)
        database.execute("DELETE FROM loose")
    database.close()
    assert any(b"quokkamarmot" in one.read_bytes() for one in data.glob("verbatim.db*"))
    done = types("vacuum")
    assert done.exit_code == 0
    assert "written anew" in done.output
    assert not any(b"quokkamarmot" in one.read_bytes() for one in data.glob("verbatim.db*"))


def test_no_database_is_said(data: Path) -> None:  # noqa: F811
    """With the repair; none is made on the way."""
    refused = types("vacuum")
    assert refused.exit_code == 16
    assert "cli.py migrate" in refused.output
    assert not (data / "verbatim.db").exists()
