"""A second server on one SQLite database is turned away before it touches anything."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from data_layer.database.serving import serve_alone
from study.errors import StartError

ROOT = Path(__file__).resolve().parents[3]
ANOTHER = """
import sys
from pathlib import Path
from data_layer.database.serving import serve_alone
serve_alone(Path(sys.argv[1]))
print("serves", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def another(tmp_path: Path) -> "Iterator[subprocess.Popen[str]]":
    """Another process that serves the database of this folder."""
    command = [sys.executable, "-c", ANOTHER, str(tmp_path)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "serves\n"
        yield process
        process.kill()


def test_a_second_one_is_refused_with_the_repair(tmp_path: Path, another: "subprocess.Popen[str]") -> None:
    """Who serves it, and the three ways out."""
    with pytest.raises(StartError) as refused:
        serve_alone(tmp_path)
    told = str(refused.value)
    assert f"(process {another.pid})" in told
    assert all(way in told for way in ("Stop it first", "VERBATIM_DATA_DIR", "PostgreSQL"))


def test_a_killed_one_is_in_nobodys_way(tmp_path: Path, another: "subprocess.Popen[str]") -> None:
    """The system lets go of the lock with the process; nothing is to be tidied up."""
    another.kill()
    another.wait()
    serve_alone(tmp_path)


def test_the_same_process_may_build_the_app_again(tmp_path: Path) -> None:
    """`chainlit run -w` does."""
    serve_alone(tmp_path)
    serve_alone(tmp_path)
