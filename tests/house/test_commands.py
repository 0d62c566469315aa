import subprocess
import sys

import pytest
import typer.main

from cli import cli
from tests.house.tree import ROOT

COMMANDS = typer.main.get_command(cli)


def test_there_are_commands() -> None:
    """The list that the tests below walk is the list that a person sees."""
    assert {"check", "migrate", "simulate"} <= set(getattr(COMMANDS, "commands", {}))


@pytest.mark.parametrize("name", sorted(getattr(COMMANDS, "commands", {})))
def test_a_command_explains_itself(name: str) -> None:
    """Each command says what it does, and each of its options and arguments too."""
    command = getattr(COMMANDS, "commands", {})[name]
    assert command.help
    assert [p.name for p in command.params if p.name != "help" and not getattr(p, "help", None)] == []


@pytest.mark.parametrize("command", [["cli.py"], ["-m", "exports"], ["-m", "page.serve"]])
def test_an_entry_point_shows_its_help(command: list[str]) -> None:
    """--help needs no database, no study and no network."""
    told = subprocess.run(
        [sys.executable, *command, "--help"], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert told.returncode == 0, told.stderr
    assert "Usage:" in told.stdout
