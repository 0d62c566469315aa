"""The server of a pilot: a process of its own on loopback, with a data folder of its own."""

import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from study.errors import SimulationError
from study.text import ending

_TREE: Final = Path(__file__).resolve().parents[2]
_READY_WITHIN_S: Final = 120.0
_ENDS_WITHIN_S: Final = 20.0
_EXPORT_WITHIN_S: Final = 600.0
_LOG_SHOWN: Final = 2000


class PilotServer:
    """Where simulated participants come in.

    Args:
        study: Its folder.
        data: Its data folder.
        more: Of its environment: how its models are reached.
    """

    def __init__(self, study: Path, data: Path, more: Mapping[str, str]) -> None:
        data.mkdir(mode=0o700)
        self.database_url = f"sqlite+aiosqlite:///{data.absolute() / 'verbatim.db'}"
        self.secret = secrets.token_urlsafe(48)
        self._log = data / "server.log"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = int(free.getsockname()[1])
        self._environment = {
            # Nothing is inherited: the study's own settings are not the pilot's.
            "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
            "HOME": str(data.absolute()),
            "VERBATIM_DATA_DIR": str(data.absolute()),
            "VERBATIM_DATABASE_URL": self.database_url,
            "VERBATIM_STUDY": str(study.absolute()),
            "VERBATIM_SECRET": self.secret,
            **more,
        }

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._port}"

    @contextmanager
    def running(self) -> Iterator[None]:
        """Serve while the block runs.

        Raises:
            SimulationError: It did not start; with the end of its log.
        """
        words = (sys.executable, "-m", "page.serve", "--host", "127.0.0.1", "--port", str(self._port))
        with self._log.open("ab") as log:
            process = subprocess.Popen(  # noqa: S603 - our own program
                words, cwd=_TREE, env=self._environment, stdout=log, stderr=subprocess.STDOUT
            )
        try:
            self._wait(process)
            yield
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                try:
                    process.wait(_ENDS_WITHIN_S)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()

    def exports(self, *words: str) -> tuple[bool, str]:
        """Run `python -m exports` on its database.

        Returns:
            Whether it went well, and what it said.
        """
        done = subprocess.run(  # noqa: S603 - our own program
            (sys.executable, "-m", "exports", *words),
            cwd=_TREE,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_EXPORT_WITHIN_S,
            check=False,
        )
        return done.returncode == 0, done.stdout.strip()

    def _wait(self, process: "subprocess.Popen[bytes]") -> None:
        deadline = time.monotonic() + _READY_WITHIN_S
        while time.monotonic() < deadline and process.poll() is None:
            try:
                with urllib.request.urlopen(f"{self.url}/login", timeout=5) as answer:  # noqa: S310 - ours
                    if answer.status == 200:
                        return
            except (urllib.error.URLError, OSError):
                pass
            time.sleep(0.1)
        told = ending(self._log.read_text(encoding="utf-8", errors="replace"), _LOG_SHOWN)
        raise SimulationError(f"The pilot's server did not start. Its log ends with:\n{told}")
