"""Lines of R, run by R itself: all of them in one process, for starting it takes longer than they do."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.programs import lacking, program

SCRIPT: Final = Path(__file__).with_name("run_examples.R")


def _text(line: str) -> str:
    return line[1:] if line[0] == "t" else bytes.fromhex(line[1:]).decode()


_VALUES: Final = {
    "character": _text,
    "factor": _text,
    "logical": lambda text: text == "TRUE",
    "numeric": float,
    "integer": int,
    "time": lambda text: float(text) * 1000,
}


@dataclass(frozen=True)
class Left:
    """What a block of R has left.

    Args:
        printed: What it said.
        frames: The data frames that it made or changed, each as its columns; of a list of them `list$name`.
    """

    printed: str
    frames: Mapping[str, Mapping[str, list[Any]]]


def run_r(jobs: Mapping[str, tuple[Path, Sequence[str]]], plan: Path) -> dict[str, list[Left]]:
    """Run blocks of R.

    Args:
        jobs: By any name, where it runs and its blocks, which share their variables.
        plan: A new folder for what R is told and tells.

    Returns:
        What each block of each job has left.
    """
    for number, (folder, blocks) in enumerate(jobs.values()):
        job = plan / f"{number:02}"
        job.mkdir(parents=True)
        (job / "folder").write_text(f"{folder}\n", encoding="utf-8")
        for place, block in enumerate(blocks):
            (job / f"{place:02}.R").write_text(block, encoding="utf-8")
    told = subprocess.run(
        [program("Rscript"), "--vanilla", SCRIPT, plan],
        env={**os.environ, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    if told.returncode == 3:
        lacking("Rscript")  # R is there without the packages
    assert told.returncode == 0, told.stderr
    return {name: _left(plan / f"{number:02}", name) for number, name in enumerate(jobs)}


def _left(job: Path, name: str) -> list[Left]:
    failed = job / "failed"
    assert not failed.exists(), f"{name}: {failed.read_text(encoding='utf-8')}"
    return [
        Left(
            (left / "printed").read_text(encoding="utf-8"), {one.name: _frame(one) for one in _folders(left)}
        )
        for left in _folders(job)
    ]


def _folders(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_dir())


def _frame(folder: Path) -> dict[str, list[Any]]:
    columns = {}
    for path in folder.iterdir():
        kind, *values = path.read_text(encoding="ascii").splitlines()
        columns[path.name] = [None if value == "NA" else _VALUES[kind](value) for value in values]
    return columns
