"""The small study with a protocol (tests/data/protocol), as a test changes it."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import yaml

SMALL: Final = Path(__file__).parent / "data" / "protocol"


@contextmanager
def study_file(folder: Path) -> Iterator[dict[str, Any]]:
    """Change what a folder's study.yaml says.

    Args:
        folder: Of the study.

    Yields:
        The file, read; it is written when the block ends.
    """
    file = folder / "study.yaml"
    told: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    yield told
    file.write_text(yaml.safe_dump(told, sort_keys=False), encoding="utf-8")


@contextmanager
def small_protocol(folder: Path) -> Iterator[dict[str, Any]]:
    """A copy of the small study, changed.

    Args:
        folder: Where it shall lie.

    Yields:
        As study_file.
    """
    shutil.copytree(SMALL, folder, dirs_exist_ok=True)
    with study_file(folder) as told:
        yield told
