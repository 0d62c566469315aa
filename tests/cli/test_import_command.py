"""`cli.py import`, as an operator types it, and killed while it works."""

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli import cli
from commands.shown import screen
from tests.exports.conftest import export_to
from tests.exports.proving import verify_export
from tests.house.tree import ROOT

THREADS = 1_500
LINE = {"messages": [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": "Hi"}]}


def types(*words: str) -> Any:
    """Type a command."""
    return CliRunner().invoke(cli, list(words))


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of its own, and a file of two conversations and a broken line."""
    monkeypatch.setenv("VERBATIM_DATA_DIR", str(tmp_path))
    # The screen is as wide as it was when somebody first imported it.
    monkeypatch.setattr(screen, "_width", 120)
    monkeypatch.delenv("VERBATIM_DATABASE_URL", raising=False)
    lines = [json.dumps(LINE | {"id": "a", "user": "ada"}), "{", json.dumps(LINE | {"id": "b"})]
    (tmp_path / "o.jsonl").write_text("\n".join(lines))
    return tmp_path


def counted(database: Path, table: str) -> int:
    """How many rows a table has; none where it is not there yet."""
    try:
        with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
            found = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
        connection.close()
        return int(found[0])
    except sqlite3.OperationalError:
        return 0


def test_a_dry_run_writes_nothing_and_says_all_of_it(data: Path) -> None:
    """No database, no report, no folder: only what would go in, and what would not."""
    told = types("import", "openai", str(data / "o.jsonl"), "--dry-run")
    assert told.exit_code == 0, told.output
    assert "What would be imported" in told.output
    assert "Left out: a line that is no JSON" in told.output
    assert sorted(path.name for path in data.iterdir()) == ["o.jsonl"]


def test_an_import_says_what_it_did_and_is_known_again(data: Path) -> None:
    """A table, a report that is the owner’s alone, two lines of the audit log; again, nothing is added."""
    told = types("import", "openai", str(data / "o.jsonl"))
    assert told.exit_code == 0, told.output
    (report,) = (data / "imports").glob("*.csv")
    assert report.read_text().splitlines()[1].startswith("2,left out,a line that is no JSON")
    assert report.stat().st_mode & 0o077 == 0
    again = types("import", "openai", str(data / "o.jsonl"), "--report", str(data / "mine.csv"))
    assert "imported before" in again.output
    assert (data / "mine.csv").exists()
    assert counted(data / "verbatim.db", "threads") == 2
    assert counted(data / "verbatim.db", "audit_log") == 4
    tried = types("import", "openai", str(data / "o.jsonl"), "--dry-run").output
    assert re.search(r"of these new\W+0\b", tried)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("wizardry", "o.jsonl"), "Write one of: chainlit, conversations"),
        (("openai", "nowhere.jsonl"), "cannot be read"),
        (("openai", "o.jsonl", "--timezone", "Mars/North"), "Write one like: Europe/Berlin"),
        (("chainlit", "o.jsonl"), "no SQLite database"),
    ],
)
def test_what_cannot_be_read_is_said_in_a_sentence(data: Path, words: tuple[str, ...], said: str) -> None:
    """With the repair, and an exit code of its own."""
    told = types("import", *(str(data / one) if one.endswith(".jsonl") else one for one in words))
    assert told.exit_code == 24
    assert said in told.output
    assert "Traceback" not in told.output


def test_a_second_import_at_once_is_refused(data: Path) -> None:
    """Two would look for the same threads and both not find them."""
    from data_layer.database.process_locks import ProcessLock

    lock = ProcessLock(data / "imports", "import")
    lock.hold()
    told = types("import", "openai", str(data / "o.jsonl"))
    lock.let_go()
    assert told.exit_code == 24
    assert "Another import is under way" in told.output


def test_one_that_is_killed_goes_on_where_it_was(data: Path) -> None:
    """No thread is there by halves or twice, and an export of all of it is proved."""
    file = data / "many.jsonl"
    file.write_text("".join(f"{json.dumps(LINE | {'id': str(n)})}\n" for n in range(THREADS)))
    database = data / "verbatim.db"
    working = subprocess.Popen(
        [sys.executable, "cli.py", "import", "openai", str(file)],
        cwd=ROOT,
        env=os.environ | {"VERBATIM_DATA_DIR": str(data)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while not counted(database, "imports") and working.poll() is None:
        pass
    working.send_signal(signal.SIGKILL)
    assert working.wait() == -signal.SIGKILL
    before = counted(database, "imports")
    assert 0 < before < THREADS
    assert counted(database, "steps") == 2 * before
    told = types("import", "openai", str(file))
    assert told.exit_code == 0, told.output
    for table, number in (("imports", 1), ("threads", 1), ("steps", 2), ("participants", 1)):
        assert counted(database, table) == number * THREADS, table
    url = f"sqlite+aiosqlite:///{database}"
    export_to(url, data / "out")
    assert verify_export(data / "out", url) == []
