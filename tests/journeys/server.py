"""The real server on a study whose agent speaks the sample of dialogs."""

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from bench.process import ServerProcess, verbatim

TREE: Final = Path(__file__).resolve().parents[2]
DIALOGS: Final = TREE / "tests" / "data" / "orders.jsonl"
EXPORT_WITHIN_S: Final = 120

STUDY: Final = """\
id: journey
title: "Orders at the counter"
contact: "journey@example.org"
welcome: "Order something."
agents:
  - name: "Barista"
    kind: scripted
    default: true
    description: "Takes orders."
    dialogs: "orders.jsonl"
    delta_words: {words}
    delay_ms: {delay_ms}
limits:
  message_length: 10000
# Each attack is a browser of its own, under a name that others have used.
login:
  mode: open
"""


def make_study(folder: Path, *, words: int, delay_ms: int) -> Path:
    """Write a study whose agent speaks the sample's assistant lines.

    Args:
        folder: Where to.
        words: How many words go out at once.
        delay_ms: The pause between them.

    Returns:
        The study's folder.
    """
    study = folder / "study"
    study.mkdir(parents=True)
    (study / "study.yaml").write_text(STUDY.format(words=words, delay_ms=delay_ms), encoding="utf-8")
    shutil.copy(DIALOGS, study / "orders.jsonl")
    return study


def make_server(
    folder: Path, *, by: str = "serve", database_url: str | None = None, words: int = 4, delay_ms: int = 5
) -> ServerProcess:
    """Describe a server with its own study and data folder.

    Args:
        folder: An empty folder for both.
        by: "serve" or "chainlit".
        database_url: SQLite in the data folder when None.
        words: How many words go out at once.
        delay_ms: The pause between them.
    """
    study = make_study(folder, words=words, delay_ms=delay_ms)
    return verbatim(TREE, folder / "data", study, database_url=database_url, by=by)


def export(server: ServerProcess, *arguments: str | Path) -> str:
    """Run `python -m exports` in the server's environment.

    Args:
        server: Whose database is read.
        arguments: Of the command.

    Returns:
        What it printed.
    """
    return run_beside(server, [sys.executable, "-m", "exports", *map(str, arguments)])


def run_beside(server: ServerProcess, command: Sequence[str]) -> str:
    """Run a command in the server's environment, and fail with its output when it fails."""
    done = subprocess.run(
        command,
        cwd=server.folder,
        env=server.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=EXPORT_WITHIN_S,
        check=False,
    )
    assert done.returncode == 0, f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}"
    return done.stdout
