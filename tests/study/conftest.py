from pathlib import Path

import pytest

from tests.study.examples import DIALOG, GOOD


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A study that is right."""
    folder = tmp_path / "talk"
    folder.mkdir()
    (folder / "study.yaml").write_text(GOOD, encoding="utf-8")
    (folder / "prompt.md").write_text("Be kind.\n", encoding="utf-8")
    (folder / "dialogs.jsonl").write_text(DIALOG, encoding="utf-8")
    return folder
