"""The log of a process whose disk takes no more of it."""

import os
import subprocess
import sys
from pathlib import Path

from tests.house.tree import ROOT

PROGRAM = """
import sys
from settings import load_settings
from bootstrap import configure_logging
configure_logging(load_settings())
import structlog
log = structlog.get_logger()
for number in range(100):
    log.error("full", error="No space left on device " * 20, number=number)
print("went on")
"""


def test_a_full_disk_ends_the_log_and_nothing_else(tmp_path: Path) -> None:
    """The writer logs that the disk is full onto that disk: an error there would end the writer."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "VERBATIM_DATA_DIR": str(tmp_path)}
    with open("/dev/full", "w") as full:
        ended = subprocess.run(
            [sys.executable, "-c", PROGRAM],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=full,
            text=True,
            timeout=60,
            check=False,
        )
    assert ended.stdout == "went on\n"
