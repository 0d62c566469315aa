"""What `python cli.py doctor` says, for people and for programs."""

import asyncio
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import typer

from commands.doctor.database import look_at_database
from commands.doctor.finding import Severity, Symptom
from commands.doctor.machine import look_at_machine
from commands.doctor.outside import look_outside
from commands.shown import screen

if TYPE_CHECKING:
    from settings import Settings

_COLOURS: Final = {Severity.OK: "green", Severity.WARNING: "yellow", Severity.WRONG: "red"}


async def examine(settings: "Settings") -> list[Symptom]:
    """Look at everything.

    Args:
        settings: As the environment says.
    """
    findings = list(look_at_machine(settings))
    findings += [one async for one in look_at_database(settings.database_url)]
    findings += [one async for one in look_outside(settings)]
    return findings


def say_findings(findings: Sequence[Symptom], as_json: bool) -> None:
    """Say them.

    Args:
        findings: All.
        as_json: One object on standard output, in place of lines.

    Raises:
        typer.Exit: With the worst, where it is not ok.
    """
    worst = max(one.standing for one in findings)
    if as_json:
        lines = [{"of": one.of, "standing": one.standing.name.lower(), "says": one.says} for one in findings]
        typer.echo(
            json.dumps({"standing": worst.name.lower(), "findings": lines}, ensure_ascii=False, indent=2)
        )
    else:
        for one in findings:
            line = f"{one.standing.name.lower():<8} {one.of}: {one.says}"
            screen.print(line, markup=False, style=_COLOURS[one.standing])
    if worst:
        raise typer.Exit(int(worst))


def run(settings: "Settings", as_json: bool) -> None:
    """Look at everything, and say it.

    Args:
        settings: As the environment says.
        as_json: For programs.

    Raises:
        typer.Exit: With the worst, where it is not ok.
    """
    say_findings(asyncio.run(examine(settings)), as_json)
