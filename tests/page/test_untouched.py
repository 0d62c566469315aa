"""Chainlit starts where it may write nothing."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from tests.house.tree import ROOT

LOADED: Final = """
from page.chainlit.untouched import leave_files_untouched
leave_files_untouched()
from chainlit.config import config, config_file
print(config_file, config.ui.name)
leave_files_untouched()
"""


def test_chainlit_writes_nothing_beside_our_files(tmp_path: Path) -> None:
    """Neither its texts in other languages nor anything else; what is there it reads."""
    shutil.copytree(ROOT / ".chainlit", tmp_path / ".chainlit", ignore=shutil.ignore_patterns("*.json"))
    (tmp_path / ".files").mkdir()
    before = sorted(tmp_path.rglob("*"))
    command = [sys.executable, "-c", LOADED]
    environment = os.environ | {"CHAINLIT_APP_ROOT": str(tmp_path)}
    loaded = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, env=environment)
    assert loaded.stderr == ""
    assert loaded.stdout.split()[0] == str(tmp_path / ".chainlit/config.toml")
    assert sorted(tmp_path.rglob("*")) == before
