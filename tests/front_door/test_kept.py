"""A server that is kept in the background without root: by a stand-in that answers as the app does."""

import json
import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.front_door.project import Project, make_project

ANSWERS = """
import http.server, json, os, pathlib, sys
pathlib.Path("deaf").unlink(missing_ok=True)
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        wrong = os.path.exists("wrong")
        checks = [{"name": "disk", "ok": False, "detail": "5 MB are free."}] if wrong else []
        if os.path.exists("deaf"):
            return self.send_error(500)
        self.send_response(503 if wrong and self.path.endswith("ready") else 200)
        self.end_headers()
        self.wfile.write(json.dumps({"checks": checks}).encode())
    def log_message(self, *_):
        pass
http.server.HTTPServer(("127.0.0.1", int(sys.argv[-1])), Answer).serve_forever()
"""


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """A machine on which Verbatim was unpacked; whatever runs in the end is ended."""
    made = make_project(tmp_path)
    (tmp_path / "page/serve.py").write_text(ANSWERS, encoding="utf-8")
    yield made
    if (tmp_path / "data/server.pid").exists():
        os.killpg(pid(made), signal.SIGKILL)


def pid(project: Project) -> int:
    """Of the server that was started."""
    number: int = json.loads((project.folder / "data/server.pid").read_text())["pid"]
    return number


def free() -> str:
    """A port that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return str(one.getsockname()[1])


def test_it_is_started_looked_at_and_stopped(project: Project) -> None:
    """Each says one line; a second start starts nothing; what is not ready is said, with an exit code."""
    port = free()
    started = project.run("sh", "scripts/start", "--port", port)
    assert started.returncode == 0, started.stderr
    first = pid(project)
    again = project.run("sh", "scripts/start", "--port", port)
    assert (again.returncode, pid(project)) == (0, first)
    assert again.stdout.startswith("It runs already.")
    well = project.run("sh", "scripts/status")
    line = f"http://127.0.0.1:{port} · pid {first} · up 0 min · health ok · ready ok\n"
    assert (well.returncode, well.stdout) == (0, line)
    (project.folder / "wrong").touch()
    unwell = project.run("sh", "scripts/status")
    assert (unwell.returncode, unwell.stdout.rpartition(" · ")[2]) == (1, "ready no (disk: 5 MB are free.)\n")
    stopped = project.run("sh", "scripts/stop")
    assert (stopped.returncode, stopped.stdout) == (0, "It has ended.\n")
    with socket.socket() as one, pytest.raises(ConnectionRefusedError):
        one.connect(("127.0.0.1", int(port)))
    assert project.run("sh", "scripts/status").returncode == 3
    assert (project.folder / "cli.log").read_text() == "researcher first"


def test_a_dead_server_is_started_again_as_it_was(project: Project) -> None:
    """By the monitor, at the same address, unless it was stopped."""
    nothing = project.run("sh", "scripts/start", "--port", free())
    assert nothing.returncode == 0, nothing.stderr
    first = pid(project)
    assert project.run("sh", "scripts/monitor").returncode == 0
    os.killpg(first, signal.SIGKILL)
    revived = project.run("sh", "scripts/monitor")
    assert revived.returncode == 1
    assert revived.stdout.startswith("It was dead. http://127.0.0.1:")
    assert pid(project) != first
    assert project.run("sh", "scripts/status").returncode == 0
    project.run("sh", "scripts/stop")
    assert "nothing to do" in project.run("sh", "scripts/monitor").stdout
    assert not (project.folder / "data/server.pid").exists()


def test_a_deaf_server_is_started_again_at_the_second_look(project: Project) -> None:
    """One look without an answer may be a moment; two are not."""
    assert project.run("sh", "scripts/start", "--port", free()).returncode == 0
    first = pid(project)
    (project.folder / "deaf").touch()
    once = project.run("sh", "scripts/monitor")
    assert (once.returncode, pid(project)) == (1, first)
    twice = project.run("sh", "scripts/monitor")
    assert twice.stdout.startswith("It was deaf and has ended. http://127.0.0.1:")
    assert pid(project) != first
    assert project.run("sh", "scripts/monitor").returncode == 0


def test_a_server_that_cannot_start_says_why(project: Project) -> None:
    """The last lines of its log, on one's screen, and nothing is left behind to be started again."""
    (project.folder / "page/serve.py").write_text(
        "raise SystemExit('The study is wrong.')\n", encoding="utf-8"
    )
    ended = project.run("sh", "scripts/start", "--port", free())
    assert ended.returncode == 12
    assert "The study is wrong." in ended.stderr
    assert "Traceback" not in ended.stderr
    assert not (project.folder / "data/server.pid").exists()
