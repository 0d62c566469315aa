"""What the page of who is here costs the server: `python -m bench.live`.

So many participants are online, as rows of the record: their pages' own connections cost what they
cost with nobody looking (`bench/load.py`). Each second some begin to wait for a reply and some get
theirs, written into the database beside the server. The server's CPU time is read while nobody looks,
and while some researchers do, each over a stream of their own; the difference is what looking costs.
"""

import argparse
import http.client
import json
import random
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from bench.page_load import _cpu_s as cpu_s
from bench.process import ServerProcess, verbatim
from data_layer.database.types import iso

TREE: Final = Path(__file__).resolve().parents[1]
STUDY: Final = TREE / "tests" / "browser" / "study"
# The issue's: 500 online cost the server less than this share of a core.
LIMIT: Final = 0.05
# Who writes once in 15 s is waited for once in 15 s, as in bench/load.py.
THINK_S: Final = 15.0
SETTLE_S: Final = 3.0


@dataclass(frozen=True)
class LiveFigures:
    """What was measured.

    Args:
        online: Participants.
        viewers: Researchers who looked.
        idle: The server's share of a core with nobody looking.
        looking: The same with them.
        kilobytes_s: What one viewer was sent a second, after the first table.
        rows_s: Rows that were sent to one viewer a second.
    """

    online: int
    viewers: int
    idle: float
    looking: float
    kilobytes_s: float
    rows_s: float

    @property
    def cost(self) -> float:
        """Of a core."""
        return self.looking - self.idle


class Life:
    """The participants, in the database.

    Args:
        path: Of the SQLite file.
        online: How many.
    """

    def __init__(self, path: Path, online: int) -> None:
        self._database = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
        self._random = random.Random(1966)
        self._people = [(str(uuid.uuid4()), str(uuid.uuid4())) for _ in range(online)]
        self._replies: list[tuple[str, float]] = []
        self._seq = 0
        now = iso(datetime.now(UTC))
        with self._transaction():
            for number, (participant_id, thread_id) in enumerate(self._people):
                self._put(
                    "threads", thread_id=thread_id, participant_id=participant_id, study_id="everyday",
                    seq=number, agent="ELIZA", title=f"What people write first, {number}", renamed=0,
                    preview="", message_count=4, turn_count=2, state="active", created_at=now,
                    last_activity_at=now, app_version="bench", study_fingerprint="5f" * 32, version=number,
                )  # fmt: skip
                self._put(
                    "connections", connection_id=str(uuid.uuid4()), session_id=thread_id,
                    participant_id=participant_id, thread_id=thread_id, opened_at=now,
                )  # fmt: skip
                for turn in range(2):
                    self._run(thread_id, "complete" if turn or number % 10 else "failed", now)

    def go_on(self, until: threading.Event) -> None:
        """Live: each participant writes once in THINK_S, and has a reply a second later."""
        while not until.wait(0.25):
            now, moment = time.monotonic(), iso(datetime.now(UTC))
            with self._transaction():
                for run_id, ends in [one for one in self._replies if one[1] <= now]:
                    self._replies.remove((run_id, ends))
                    self._database.execute(
                        "UPDATE runs SET status = 'complete', ended_at = ? WHERE run_id = ?", (moment, run_id)
                    )
                for _, thread_id in self._random.sample(
                    self._people, max(1, round(len(self._people) / THINK_S / 4))
                ):
                    self._replies.append((self._run(thread_id, "streaming", moment), now + 1.0))
                    self._database.execute(
                        "UPDATE threads SET turn_count = turn_count + 1, last_activity_at = ? "
                        "WHERE thread_id = ?",
                        (moment, thread_id),
                    )

    def _run(self, thread_id: str, status: str, moment: str) -> str:
        self._seq += 1
        run_id = str(uuid.uuid4())
        self._put(
            "runs", run_id=run_id, thread_id=thread_id, seq=self._seq, name="on_message", status=status,
            started_at=moment, ended_at=None if status == "streaming" else moment,
            error_type="RateLimitError" if status == "failed" else None,
        )  # fmt: skip
        return run_id

    def _put(self, table: str, **row: Any) -> None:
        names, marks = ", ".join(row), ", ".join("?" * len(row))
        self._database.execute(
            f"INSERT INTO {table} ({names}) VALUES ({marks})",  # our own names
            list(row.values()),
        )

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._database.execute("BEGIN IMMEDIATE")
        yield
        self._database.execute("COMMIT")


class Viewer(threading.Thread):
    """A researcher's browser: reads the stream to its end.

    Args:
        server: Whose.
        cookie: That the researcher is in with.
    """

    def __init__(self, server: ServerProcess, cookie: str) -> None:
        super().__init__(daemon=True)
        self._connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        self._connection.request("GET", "/research/live/stream", headers={"Cookie": cookie})
        self._answer = self._connection.getresponse()
        self.bytes = self.rows = 0
        self.has_all = threading.Event()

    def run(self) -> None:
        """Read."""
        try:
            for line in self._answer:
                if self.has_all.is_set():
                    self.bytes += len(line)
                if line.startswith(b"data: "):
                    if self.has_all.is_set():
                        self.rows += len(json.loads(line[6:])["rows"])
                    self.has_all.set()
        except (OSError, http.client.HTTPException, ValueError, AttributeError):
            return  # Closed below.

    def leave(self) -> None:
        """Close the tab."""
        if self._connection.sock is not None:
            self._connection.sock.shutdown(2)
        self._connection.close()


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures; 1 when looking costs more than it may."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--online", type=int, default=500, help="participants")
    parser.add_argument("--viewers", type=int, default=3, help="researchers who look")
    parser.add_argument("--seconds", type=float, default=20.0, help="how long each measuring lasts")
    parser.add_argument("--json", type=Path, help="write the figures to this file as well")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(Path(folder), options.online, options.viewers, options.seconds)
    print(
        f"{figures.online} online, {figures.viewers} researchers look: {figures.cost:.1%} of a core "
        f"({figures.looking:.1%} with them, {figures.idle:.1%} without; to hold: under {LIMIT:.0%}). "
        f"Each is sent {figures.rows_s:.0f} rows, {figures.kilobytes_s:.0f} kB a second."
    )
    if options.json:
        options.json.write_text(json.dumps(asdict(figures)), "utf-8")
    return int(figures.cost >= LIMIT)


def measure(folder: Path, online: int, viewers: int, seconds: float) -> LiveFigures:
    """Start a server, let people live in its database, and look."""
    with verbatim(TREE, folder, STUDY) as server:
        life = Life(folder / "verbatim.db", online)
        ended = threading.Event()
        living = threading.Thread(target=life.go_on, args=(ended,), daemon=True)
        living.start()
        try:
            time.sleep(SETTLE_S)
            idle = _share(server, seconds)
            looking = [Viewer(server, _sign_in(server)) for _ in range(viewers)]
            for one in looking:
                one.start()
            for one in looking:
                one.has_all.wait(30)
            time.sleep(SETTLE_S)
            first = looking[0]
            sent, rows = first.bytes, first.rows
            share = _share(server, seconds)
            sent, rows = first.bytes - sent, first.rows - rows
            for one in looking:
                one.leave()
        finally:
            ended.set()
            living.join()
    return LiveFigures(online, viewers, idle, share, sent / 1000 / seconds, rows / seconds)


def _share(server: ServerProcess, seconds: float) -> float:
    began, before = time.monotonic(), cpu_s(server.pid)
    time.sleep(seconds)
    return (cpu_s(server.pid) - before) / (time.monotonic() - began)


def _sign_in(server: ServerProcess) -> str:
    """A researcher of their own, by the command and the form.

    Returns:
        The cookie.
    """
    name = f"viewer-{uuid.uuid4().hex[:8]}"
    made = subprocess.run(
        [sys.executable, "cli.py", "researcher", "add", name, "--role", "viewer"],
        cwd=TREE,
        env=server.environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    form = urlencode({"name": name, "password": made.stdout.split()[-1], "next": ""})
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", "/research/login", form, kind)
    answer = connection.getresponse()
    cookie = (answer.getheader("Set-Cookie") or "").partition(";")[0]
    connection.close()
    if not cookie:
        raise RuntimeError(f"the sign-in was answered with {answer.status}")
    return cookie


if __name__ == "__main__":
    sys.exit(main())
