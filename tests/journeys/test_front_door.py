"""A fresh copy of the project, with nothing set: one command, and a participant chats."""

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final
from uuid import uuid4

import pytest

from bench.process import COMMANDS, ServerProcess
from simulation.browser import Door
from simulation.participant import Manner, ParticipantScript
from simulation.report import Report
from simulation.run import take_part
from tests.journeys.compare import read_table
from tests.journeys.server import TREE, run_beside

# The first lines of the conversation that Weizenbaum published in 1966 (CACM 9(1), page 36).
SAID: Final = ("Men are all alike.", "They're always bugging us about something or other.")
ANSWERED: Final = ("in what way", "can you think of a specific example")

# A first start installs some 150 packages; later ones take seconds.
FIRST_START_WITHIN_S: Final = 400

pytestmark = pytest.mark.journey


def copy_tree(to: Path) -> Path:
    """Copy what git has or would take: no .venv, no data, nothing that is ignored."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=TREE,
        capture_output=True,
        check=True,
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (TREE / name).is_file():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(TREE / name, to / name)
    return to


def server_in(tree: Path, arguments: Sequence[str], environment: Mapping[str, str]) -> ServerProcess:
    """Describe a server of the copied tree."""
    return ServerProcess(
        arguments,
        folder=tree,
        environment=environment,
        log=tree.parent / "server.log",
        ready_path="/login",
        ready_within_s=FIRST_START_WITHIN_S,
    )


async def chat(url: str) -> Report:
    """Let one participant say two lines in a new thread, as the page would."""
    lines = [(str(uuid4()), text, True) for text in SAID]
    return await take_part(Door(url), {"Visitor": [ParticipantScript("", lines)]}, Manner(patience_s=60))


def assert_chat_is_kept(server: ServerProcess, python: Path, out: Path) -> None:
    """ELIZA answers as in 1966, and the export holds both sides."""
    report = asyncio.run(chat(server.url))
    report.raise_for_errors()
    run_beside(server, [str(python), "-m", "exports", str(out), "--format", "jsonl"])
    said = {row["content"]: row["role"] for row in read_table(out, "messages", "jsonl")}
    assert [text for text, role in said.items() if role == "user"] == list(SAID)
    assert tuple(text.lower().rstrip(".?") for text, role in said.items() if role == "assistant") == ANSWERED


def test_chainlit_run_needs_no_setting(tmp_path: Path) -> None:
    """`chainlit run app.py`, an empty home and an environment with nothing but PATH."""
    tree, home = copy_tree(tmp_path / "tree"), tmp_path / "home"
    home.mkdir()
    bare = {"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "HOME": str(home)}
    with server_in(tree, COMMANDS["chainlit"], bare) as server:
        assert_chat_is_kept(server, Path(sys.executable), tmp_path / "out")


def test_scripts_run_makes_its_own_venv_and_serves(tmp_path: Path) -> None:
    """`scripts/run` in a copy without .venv installs what the lock names, and starts."""
    tree = copy_tree(tmp_path / "tree")
    ours = ("VERBATIM_", "CHAINLIT_", "OPENAI_", "VIRTUAL_ENV", "PYTHON")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    if shutil.which("uv", path=environment["PATH"]) is None:
        environment["PATH"] = f"{folder_of_uv(tmp_path)}:{environment['PATH']}"
    try:
        with server_in(tree, ("scripts/run", "--port", "{port}"), environment) as server:
            assert_chat_is_kept(server, tree / ".venv" / "bin" / "python", tmp_path / "out")
    finally:
        # pytest keeps the folders of the last three runs, and this one weighs a gigabyte.
        shutil.rmtree(tree / ".venv", ignore_errors=True)


def folder_of_uv(folder: Path) -> Path:
    """Make a folder that holds uv and no Python, so that the copy has to find its own."""
    found = Path(sys.executable).parent / "uv"
    (folder / "bin").mkdir()
    if found.exists():
        (folder / "bin" / "uv").symlink_to(found)
    return folder / "bin"
