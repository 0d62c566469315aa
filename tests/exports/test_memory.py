import subprocess
import sys
from pathlib import Path

import pytest

from bench.export_seed import seed

ROOT = Path(__file__).resolve().parents[2]
# Prints the peak of resident memory, in kB, of a process that exports messages. getrusage() would count what
# the process was before exec(): this one, pytest and pandas.
MEASURED = """
import re, sys
from pathlib import Path
from exports.make import export
from exports.options import ExportOptions

options = ExportOptions(formats=("parquet", "csv"), tables=("messages",))
export(sys.argv[1], Path(sys.argv[2]), options=options)
print(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
"""


def peak_mb(url: str, out: Path) -> float:
    """How much memory an export takes."""
    command = [sys.executable, "-c", MEASURED, url, str(out)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=True)
    return int(done.stdout) / 1024


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A study of 60,000 messages."""
    return seed(tmp_path_factory.mktemp("large") / "large.db", 60_000)


def test_memory_does_not_grow_with_the_study(large: str, tmp_path: Path) -> None:
    """60,000 messages are never held at once: as Python objects they would take more than all else.

    bench/export.py measures a million: below 300 MB.
    """
    assert peak_mb(large, tmp_path / "out") < 300
