"""Keeps a server in the background for those without root: scripts/start, stop, status and monitor.

`server.pid` in the data folder says which process it is and how it was started, and stays locked (flock) for
as long as the process lives, for it has inherited the file: a number alone may be another process's by now.
"""

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final
from urllib.error import HTTPError, URLError
from urllib.request import ProxyHandler, build_opener

from privacy import keep_private
from scripts.before_start import free_port
from settings import Settings, load_settings
from study.errors import SettingsError, StartError, StudyError
from study.numbers import whole_number

ROOT: Final = Path(__file__).resolve().parents[1]
_ASK_S: Final = 10.0
_LOOK_S: Final = 0.1
_STARTED_WITHIN_S: Final = 180.0
# Beside what replies are given (VERBATIM_DRAIN_S).
_ENDED_WITHIN_S: Final = 20.0
# Looks of the monitor in a row without an answer, after which a server that lives is deaf.
_DEAF_AFTER: Final = 2
_LONGEST_LOG: Final = 50_000_000
# Of the system's own conventions for `status`: it does not run; it runs, and not well.
NOT_RUNNING: Final = 3
UNWELL: Final = 1


@dataclass(frozen=True)
class KeptServer:
    """A server that was started.

    Args:
        pid: Of its process, and of the group of all that it started.
        host: Where it listens.
        port: Likewise.
        options: More, as scripts/run takes them.
        since: When, as seconds since 1970.
        answered: Whether it ever has: until then it may still bring the database to head.
        missed: Looks in a row without an answer.
        ending: It was told to end: a monitor that comes meanwhile does not start it again.
    """

    pid: int
    host: str
    port: int
    options: list[str]
    since: float
    answered: bool = False
    missed: int = 0
    ending: bool = False

    @property
    def address(self) -> str:
        """Where it is asked on this machine."""
        host = "127.0.0.1" if self.host in ("0.0.0.0", "::") else self.host  # noqa: S104
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    def asked(self, path: str) -> tuple[int, Any]:
        """What it answers: the status, 0 for none, and the JSON."""
        opener = build_opener(ProxyHandler({}))
        try:
            with opener.open(f"{self.address}/api/v1/{path}", timeout=_ASK_S) as answer:
                return answer.status, json.load(answer)
        except HTTPError as error:
            return error.code, _json(error)
        except (URLError, OSError, ValueError):
            return 0, None


class Keeper:
    """Starts, ends and looks after the server of a data folder.

    Args:
        settings: As the environment says.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._file = settings.data_dir / "server.pid"
        self._log = settings.data_dir / "server.log"

    def start(self, arguments: Sequence[str]) -> str:
        """Start it, unless it runs.

        Raises:
            StartError: It ended at once.
        """
        if (runs := self._known()) and self._lives():
            return f"It runs already. {self._line(runs)}"
        host, port, options = _where(arguments, self._settings)
        return self._begin(host, port, options)

    def stop(self) -> str:
        """Ask it to end, wait until its replies have ended, and end it where it does not."""
        known = self._known()
        if known is None or not self._lives():
            self._file.unlink(missing_ok=True)
            return "It does not run."
        self._write(replace(known, ending=True))
        how = self._end(known)
        self._file.unlink(missing_ok=True)
        return f"It has ended{how}."

    def status(self) -> tuple[str, int]:
        """How it does, on one line, and an exit code."""
        known = self._known()
        if known is None:
            return "It does not run. scripts/start starts it.", NOT_RUNNING
        if not self._lives():
            return "It has died. scripts/start starts it again, or scripts/monitor.", NOT_RUNNING
        line = self._line(known)
        return line, 0 if "health ok" in line and "ready ok" in line else UNWELL

    def monitor(self) -> tuple[str, int]:
        """Start it again where it is dead or deaf: for cron, each minute."""
        known = self._known()
        if known is None or known.ending:
            return "It was stopped, or never started; nothing to do.", 0
        if not self._lives():
            return f"It was dead. {self._begin(known.host, known.port, known.options)}", UNWELL
        if known.asked("health")[0] == 200:
            self._write(replace(known, answered=True, missed=0))
            return self._line(known), 0
        if not known.answered:
            return self._line(known), UNWELL
        if known.missed + 1 < _DEAF_AFTER:
            self._write(replace(known, missed=known.missed + 1))
            return f"It does not answer; the next time it is started again. {self._line(known)}", UNWELL
        how = self._end(known)
        return f"It was deaf and has ended{how}. {self._begin(known.host, known.port, known.options)}", UNWELL

    def _begin(self, host: str, port: int, options: list[str]) -> str:
        if self._log.exists() and self._log.stat().st_size > _LONGEST_LOG:
            self._log.replace(self._log.with_suffix(".log.1"))
        command = [str(ROOT / "scripts/run"), "--host", host, "--port", str(port), *options]
        with self._file.open("a+") as held, self._log.open("ab") as log:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return "Another start was quicker."
            began = subprocess.Popen(  # noqa: S603  # our own script, with what its operator typed
                command,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                pass_fds=(held.fileno(),),
            )
            kept = KeptServer(began.pid, host, port, options, time.time())
            self._write(kept)
        return self._begun(kept, began)

    def _begun(self, kept: KeptServer, began: subprocess.Popen[bytes]) -> str:
        ends_at = time.monotonic() + _STARTED_WITHIN_S
        while time.monotonic() < ends_at:
            if began.poll() is not None:
                self._file.unlink(missing_ok=True)
                said = self._log.read_text("utf-8", "replace").splitlines()[-3:]
                raise StartError("\n".join([*said, f"It could not be started; {self._log} says why."]))
            if kept.asked("health")[0] == 200:
                self._write(replace(kept, answered=True))
                return self._line(kept)
            time.sleep(_LOOK_S)
        return f"It still starts: {self._log} says what it does. {self._line(kept)}"

    def _end(self, known: KeptServer) -> str:
        os.kill(known.pid, signal.SIGTERM)
        if _until(lambda: not self._lives(), self._settings.drain_s + _ENDED_WITHIN_S):
            return ""
        os.killpg(known.pid, signal.SIGKILL)
        _until(lambda: not self._lives(), _ENDED_WITHIN_S)
        return ", by force"

    def _lives(self) -> bool:
        """Whether somebody holds the file."""
        try:
            with self._file.open("rb") as looked:
                fcntl.flock(looked, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except FileNotFoundError:
            return False
        return False

    def _known(self) -> KeptServer | None:
        try:
            return KeptServer(**json.loads(self._file.read_text("utf-8")))
        except (FileNotFoundError, ValueError, TypeError):
            return None

    def _write(self, kept: KeptServer) -> None:
        # In place, for another file would not be the one that is locked.
        self._file.write_text(json.dumps(asdict(kept)) + "\n", encoding="utf-8")

    def _line(self, kept: KeptServer) -> str:
        health, _ = kept.asked("health")
        status, said = kept.asked("ready") if health else (0, None)
        wrong = [f"{one['name']}: {one['detail']}" for one in (said or {}).get("checks", []) if not one["ok"]]
        ready = "ok" if status == 200 else "no"
        parts = [
            self._settings.public_url or kept.address,
            f"pid {kept.pid}",
            f"up {_length(time.time() - kept.since)}",
            f"health {'ok' if health == 200 else 'no answer'}",
            f"ready {ready}" + (f" ({'; '.join(wrong)})" if wrong else ""),
        ]
        return " · ".join(parts)


def _where(arguments: Sequence[str], settings: Settings) -> tuple[str, int, list[str]]:
    """Host, port, and what is left for scripts/run."""
    host, port, rest = settings.host, str(settings.port), []
    words = iter(arg for one in arguments for arg in (one.split("=", 1) if one.startswith("--") else [one]))
    for word in words:
        if word == "--host":
            host = next(words, host)
        elif word == "--port":
            port = next(words, "")
        else:
            rest.append(word)
    number = whole_number(port)
    if number is None or number > 65535:
        raise SettingsError("The port is a number from 1 to 65535. Write it like: scripts/start --port 8000")
    return host, free_port(host, number), rest


def _until(done: Callable[[], bool], seconds: float) -> bool:
    ends_at = time.monotonic() + seconds
    while not done():
        if time.monotonic() > ends_at:
            return False
        time.sleep(_LOOK_S)
    return True


def _json(answer: Any) -> Any:
    try:
        return json.load(answer)
    except ValueError:
        return None


def _length(seconds: float) -> str:
    minutes = int(seconds // 60)
    hours, days = minutes // 60, minutes // 1440
    if days:
        return f"{days} d {hours % 24} h"
    return f"{hours} h {minutes % 60} min" if hours else f"{minutes} min"


def main(what: str, arguments: Sequence[str]) -> int:
    """Do one of the four, and say how it went.

    Raises:
        StudyError: Something that a person can repair.
    """
    keeper = Keeper(load_settings())
    if what in ("start", "stop"):
        line, code = keeper.start(arguments) if what == "start" else keeper.stop(), 0
    else:
        line, code = keeper.status() if what == "status" else keeper.monitor()
    sys.stdout.write(line + "\n")
    return code


if __name__ == "__main__":
    keep_private()
    try:
        sys.exit(main(sys.argv[1], sys.argv[2:]))
    except StudyError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(error.exit_code)
