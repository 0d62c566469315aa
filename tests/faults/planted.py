"""Plant each bug of plants.py in a copy of the tree, and see that its tests find it."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tests.faults.plants import PLANTS, Plant

TREE: Final = Path(__file__).resolve().parents[2]
WITHIN_S: Final = 300


def copy_of_tree(folder: Path) -> Path:
    """What git knows of the tree, and what is new in it, in another place."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=TREE, capture_output=True, check=True, text=True)
    for name in filter(None, listed.stdout.split("\0")):
        if (TREE / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(TREE / name, folder / name)
    return folder


def is_found(plant: Plant, tree: Path) -> bool:
    """Whether its tests fail with the bug; the copy is as it was afterwards.

    Raises:
        ValueError: The place is not there once, or pytest could not run the tests.
    """
    file = tree / plant.file
    text = file.read_text("utf-8")
    if text.count(plant.stands) != 1:
        raise ValueError(f"{plant.file} does not say this once: {plant.stands!r}")
    file.write_text(text.replace(plant.stands, plant.instead), "utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-n0", "-x", "-p", "no:cacheprovider", *plant.tests]
    try:
        ended = subprocess.run(
            command,
            cwd=tree,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            timeout=WITHIN_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return True  # What was to come never came.
    finally:
        file.write_text(text, "utf-8")
    if ended.returncode not in (0, 1):
        raise ValueError(
            f"pytest ended with {ended.returncode}:\n{ended.stdout[-2000:]}{ended.stderr[-2000:]}"
        )
    return ended.returncode == 1


def main(words: Sequence[str] = ()) -> int:
    """Plant all, or those whose names have a word in them.

    Returns:
        How many were not found.
    """
    chosen = [plant for plant in PLANTS if all(word in plant.name for word in words)]
    missed = 0
    with tempfile.TemporaryDirectory(prefix="verbatim-planted-") as folder:
        tree = copy_of_tree(Path(folder))
        for plant in chosen:
            found = is_found(plant, tree)
            missed += not found
            print(f"{'found ' if found else 'MISSED'}  {plant.name}", flush=True)
    print(f"{len(chosen) - missed} of {len(chosen)} planted bugs were found.")
    return missed


if __name__ == "__main__":
    sys.exit(1 if main(sys.argv[1:]) else 0)
