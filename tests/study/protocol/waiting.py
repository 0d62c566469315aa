"""The small study with a wait before its chat."""

import shutil
from pathlib import Path

import yaml


def with_wait(folder: Path, **wait: str) -> Path:
    """Make it.

    Args:
        folder: Where.
        wait: When the wait is over.
    """
    study = folder / "waiting"
    shutil.copytree(Path("tests/data/protocol"), study)
    told = yaml.safe_load((study / "study.yaml").read_text(encoding="utf-8"))
    told["protocol"]["stages"].insert(3, {"id": "pause", "kind": "wait", "text": "texts/wait.md", **wait})
    (study / "study.yaml").write_text(yaml.safe_dump(told, sort_keys=False), encoding="utf-8")
    (study / "texts/wait.md").write_text("Please wait a moment.\n", encoding="utf-8")
    return study
