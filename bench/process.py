"""A server as a process of its own on loopback: started, waited for, measured, killed, ended."""

import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import weakref
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, Self

READY_WITHIN_S: Final = 90.0
END_WITHIN_S: Final = 20.0
LOG_SHOWN: Final = 3000
COMMAND_WITHIN_S: Final = 300.0


def held_port() -> socket.socket:
    """Hold a loopback port that nobody listens on, so that nobody else is given it.

    Returns:
        What holds it until it is closed. Who listens by SO_REUSEADDR, as servers do, may listen there.
    """
    holder = socket.socket()
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    holder.bind(("127.0.0.1", 0))
    return holder


def free_port() -> int:
    """Return a loopback port that nobody listens on."""
    with held_port() as holder:
        return int(holder.getsockname()[1])


class ServerProcess:
    """One server on one port; it may be started again after it ended or was killed.

    Args:
        arguments: What is run, "{port}" standing for the port.
        folder: Its working directory.
        environment: All that it finds in its environment; nothing is inherited.
        log: The file that takes what it prints, of all its starts.
        ready_path: What answers 200 as soon as it can be used.
        port: A free one when None.
        ready_within_s: How long its start may take.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        *,
        folder: Path,
        environment: Mapping[str, str],
        log: Path,
        ready_path: str,
        port: int | None = None,
        ready_within_s: float = READY_WITHIN_S,
    ) -> None:
        # A server is started long after it was described, and again after a kill: its port stays its own.
        if port is None:
            holder = held_port()
            weakref.finalize(self, holder.close)
            port = int(holder.getsockname()[1])
        self.port = port
        self.log = log
        self._arguments = [argument.replace("{port}", str(self.port)) for argument in arguments]
        self.folder = folder
        self.environment = dict(environment)
        self._ready_path = ready_path
        self._ready_within_s = ready_within_s
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """The running process.

        Raises:
            RuntimeError: It does not run.
        """
        if self._process is None:
            raise RuntimeError("the server does not run")
        return self._process.pid

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        self.stop()
        if error is not None:
            error.add_note(f"The server's log ends with:\n{self.tail()}")

    def start(self) -> None:
        """Start it and wait until it can be used.

        Raises:
            RuntimeError: It ended, or was not there in time; with the end of its log.
        """
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._arguments, cwd=self.folder, env=self.environment, stdout=log, stderr=subprocess.STDOUT
            )
        deadline = time.monotonic() + self._ready_within_s
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise RuntimeError(f"the server ended with {self._process.returncode}:\n{self.tail()}")
            if self._answers():
                return
            time.sleep(0.1)
        self.kill()
        raise RuntimeError(f"the server was not there after {self._ready_within_s:g} s:\n{self.tail()}")

    def kill(self) -> None:
        """End it as a power cut does, by SIGKILL."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End it as an operator does, by SIGTERM; by SIGKILL when that does not help."""
        self._end(signal.SIGTERM)

    def tail(self) -> str:
        """Return the end of what it printed."""
        return self.log.read_text(encoding="utf-8", errors="replace")[-LOG_SHOWN:]

    def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None or process.poll() is not None:
            return
        process.send_signal(how)
        try:
            process.wait(END_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}{self._ready_path}", timeout=5) as answer:  # noqa: S310
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False


def verbatim(
    tree: Path,
    data: Path,
    study: Path,
    *,
    database_url: str | None = None,
    by: str = "serve",
    log: Path | None = None,
    more: Mapping[str, str] | None = None,
) -> ServerProcess:
    """Describe a server of ours.

    Args:
        tree: The checkout.
        data: Its data folder; made when it is missing.
        study: The study's folder.
        database_url: Where it keeps the record; SQLite in the data folder when None.
        by: "serve" for page.serve, "chainlit" for `chainlit run app.py`.
        log: Where it prints to; a file in the data folder when None.
        more: Of its environment.
    """
    data.mkdir(parents=True, exist_ok=True)
    environment = {
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "HOME": str(data),
        "VERBATIM_DATA_DIR": str(data),
        "VERBATIM_DATABASE_URL": database_url or f"sqlite+aiosqlite:///{data / 'verbatim.db'}",
        "VERBATIM_STUDY": str(study),
        **(more or {}),
    }
    return ServerProcess(
        COMMANDS[by],
        folder=tree,
        environment=environment,
        log=log or data / "server.log",
        ready_path="/login",
    )


COMMANDS: Final[Mapping[str, Sequence[str]]] = {
    "serve": (sys.executable, "-m", "page.serve", "--host", "127.0.0.1", "--port", "{port}"),
    "chainlit": (
        *(str(Path(sys.executable).parent / "chainlit"), "run", "app.py"),
        *("--headless", "--host", "127.0.0.1", "--port", "{port}"),
    ),
}


def command(server: ServerProcess, *words: str) -> str:
    """Run one of cli.py's commands on a server's own database.

    Returns:
        What it printed to standard output, without the spaces around it.

    Raises:
        CalledProcessError: It failed; `stderr` has its sentence.
    """
    made = subprocess.run(
        [sys.executable, "cli.py", *words],
        cwd=server.folder,
        env=server.environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=COMMAND_WITHIN_S,
    )
    return made.stdout.strip()
