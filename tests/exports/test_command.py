import contextlib
import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from exports.__main__ import cli
from exports.documents.manifest import read_manifest
from study.errors import ExportError
from tests.exports.seed import at, id_of

ROOT = Path(__file__).resolve().parents[2]
run = CliRunner()


def test_a_folder_alone_means_export(sqlite_story: str, out: Path) -> None:
    """Python -m exports OUT; Parquet when no format is named."""
    done = run.invoke(cli, [str(out), "--database", sqlite_story])
    assert done.exit_code == 0, done.output
    assert set(read_manifest(out).options.formats) == {"parquet"}
    assert "9 messages" in done.output


def test_every_option_reaches_the_export(sqlite_story: str, out: Path) -> None:
    """Options may stand before the folder, and be repeated or given with commas."""
    options = ["--format", "csv,jsonl", "--format", "parquet", "--tables", "threads,messages"]
    options += ["--since", "2026-03-02", "--until", "2026-03-03T00:00Z", "--agent", "Model"]
    options += ["--participant", id_of("Ada"), "--include-deleted"]
    options += ["--tag", "first", "--rating", "down", "--where", "error=yes", "--where", "least=1"]
    done = run.invoke(cli, [*options, str(out), "--database", sqlite_story])
    assert done.exit_code == 0, done.output
    manifest = read_manifest(out)
    assert manifest.options.formats == ("csv", "jsonl", "parquet")
    assert manifest.filters.model_dump() == {
        "tables": ["threads", "messages"],
        "since": at(-8 * 3600),
        "until": at(16 * 3600),
        "agent": "Model",
        "participant": id_of("Ada"),
        "where": {"error": "yes", "least": "1", "tag": "first", "rating": "down"},
        "view": None,
        "include_deleted": True,
        "include_identities": False,
        "include_vectors": False,
    }


@pytest.mark.parametrize("named", ["file", "-"])
def test_threads_are_chosen_by_a_list(named: str, sqlite_story: str, out: Path, tmp_path: Path) -> None:
    """From a file, or from standard input behind the database's address."""
    listed = tmp_path / "list.txt"
    listed.write_text(id_of("Bob's thread") + "\n")
    command = [str(out), "--threads-from", str(listed), "--database", sqlite_story]
    given = None
    if named == "-":
        command = [str(out), "--threads-from", "-", "--database", "-"]
        given = f"{sqlite_story}\n{listed.read_text()}"
    done = run.invoke(cli, command, input=given)
    assert done.exit_code == 0, done.output
    assert "1 threads" in done.output


def test_a_preview_is_json_and_writes_nothing(sqlite_story: str, out: Path) -> None:
    """For a program, and for whoever wonders what a filter leaves."""
    command = ["preview", "--agent", "ELIZA", "--tables", "threads", "--database", sqlite_story]
    done = run.invoke(cli, command)
    assert done.exit_code == 0, done.output
    seen, counted = map(json.loads, done.output.splitlines())
    assert counted == {"name": "threads", "rows": 1}
    assert seen["shown"]["name"] == "threads"
    assert not out.exists()


def test_the_tables_are_listed() -> None:
    """For people, and as JSON."""
    assert "messages" in run.invoke(cli, ["tables"]).output
    listed = json.loads(run.invoke(cli, ["tables", "--json"]).output)
    assert [one["name"] for one in listed if one["personal"]] == ["identities", "import_origins"]


@pytest.mark.parametrize(
    "wrong",
    [
        ["--format", "ods"],
        ["--tables", "message"],
        ["--since", "yesterday"],
        ["--agent", "nobody"],
        ["--tables", "identities"],
        ["--where", "stopped"],
    ],
)
def test_a_wrong_option_is_a_sentence_with_a_repair(wrong: list[str], sqlite_story: str, out: Path) -> None:
    """Exit code 14, no traceback, nothing left behind."""
    done = run.invoke(cli, [str(out), *wrong, "--database", sqlite_story])
    assert done.exit_code == 14
    assert "Write it like: " in done.output or "write it like: " in done.output
    assert not out.exists()


def test_a_missing_database_has_its_own_exit_code(out: Path, tmp_path: Path) -> None:
    """16, as everywhere."""
    done = run.invoke(cli, [str(out), "--database", f"sqlite+aiosqlite:///{tmp_path}/nowhere.db"])
    assert done.exit_code == 16


def test_verify_is_green_on_a_whole_export(sqlite_story: str, out: Path) -> None:
    """Exit code 0, and it says so."""
    run.invoke(cli, [str(out), "--database", sqlite_story])
    done = run.invoke(cli, ["verify", str(out), "--database", sqlite_story])
    assert done.exit_code == 0
    assert "is whole" in done.output


def test_verify_is_red_on_another(sqlite_story: str, out: Path) -> None:
    """Exit code 14, and it names what differs."""
    run.invoke(cli, [str(out), "--database", sqlite_story])
    (out / "runs.parquet").unlink()
    done = run.invoke(cli, ["verify", str(out), "--database", sqlite_story])
    assert done.exit_code == 14
    assert "runs.parquet" in done.output


def test_verify_can_do_without_the_database(sqlite_story: str, out: Path, tmp_path: Path) -> None:
    """Whoever got the folder only can still check it against its manifest."""
    run.invoke(cli, [str(out), "--database", sqlite_story])
    done = run.invoke(cli, ["verify", str(out), "--files-only", "--database", "sqlite+aiosqlite:///nowhere"])
    assert done.exit_code == 0


def environment(url: str) -> dict[str, str]:
    """The settings of a study."""
    return {"PATH": os.environ["PATH"], "VERBATIM_DATABASE_URL": url}


def test_the_database_is_that_of_the_settings(sqlite_story: str, out: Path) -> None:
    """Where none is named, it is the app's."""
    command = [sys.executable, "-m", "exports", str(out)]
    done = subprocess.run(command, cwd=ROOT, env=environment(sqlite_story), capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout == b""
    assert (out / "manifest.json").is_file()


def everything_from(terminal: int) -> str:
    """What was written to a terminal until its last writer closed it; Linux then answers EIO."""
    shown = b""
    with os.fdopen(terminal, "rb", buffering=0) as screen, contextlib.suppress(OSError):
        while more := screen.read(4096):
            shown += more
    return shown.decode()


def test_there_is_a_bar_on_a_terminal_only(sqlite_story: str, out: Path) -> None:
    """Somebody who looks sees how far it is."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "exports", str(out)]
    wide = environment(sqlite_story) | {"TERM": "xterm", "COLUMNS": "200"}
    with subprocess.Popen(command, cwd=ROOT, env=wide, stderr=theirs) as exporting:
        os.close(theirs)
        shown = everything_from(ours)
    assert exporting.returncode == 0
    assert "messages" in shown
    assert "9/9" in shown


def test_a_password_on_the_command_line_is_refused(tmp_path: Path) -> None:
    """Every account of the machine reads the list of processes; the sentence says where it belongs."""
    done = run.invoke(cli, [str(tmp_path / "out"), "--database", "postgresql+asyncpg://ada:sword-fish1@h/d"])
    assert done.exit_code == ExportError.exit_code
    assert "--database -" in done.output
    assert "sword-fish1" not in done.output
