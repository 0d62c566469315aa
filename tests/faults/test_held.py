"""What holds clock and disk of a history's servers: without it doing so, no history would break them."""

import os
import subprocess
import sys
import time
from pathlib import Path

from tests.faults.held import Held, can_hold

PROGRAM = """
import os, sqlite3, sys, time
folder = sys.argv[1]
print(int(time.time()))
try:
    os.fsync(os.open(folder, os.O_RDONLY))
    print("kept")
except OSError as error:
    print(error.errno)
database = sqlite3.connect(folder + "/a.db")
database.execute("PRAGMA synchronous=FULL")
try:
    database.execute("CREATE TABLE a (b)")
    print("committed")
except sqlite3.OperationalError as error:
    print(error)
"""


def test_the_clock_is_an_hour_ahead_and_nothing_gets_onto_the_disk(tmp_path: Path) -> None:
    """A process that is started so reads another time, and each fsync fails in it, SQLite's too."""
    if not can_hold():
        return  # No compiler here: histories go without.
    held = Held(tmp_path)

    def said() -> list[str]:
        command = [sys.executable, "-c", PROGRAM, str(tmp_path)]
        environment = {**os.environ, **held.environment}
        return subprocess.run(
            command, env=environment, check=True, capture_output=True, text=True
        ).stdout.split("\n")[:3]

    held.step_clock(3600)
    held.refuse_disk(True)
    began = time.time()
    clock, fsync, commit = said()
    assert int(began) + 3600 <= int(clock) <= time.time() + 3600
    assert (fsync, commit) == ("5", "disk I/O error")
    held.step_clock(0)
    held.refuse_disk(False)
    clock, fsync, commit = said()
    held.close()
    assert (int(clock) <= time.time(), fsync, commit) == (True, "kept", "committed")
