"""Several processes of Verbatim behind one address of this machine: `scripts/run --workers N`.

N processes serve participants, one serves the researchers' room, and Caddy stands before them: all pages of a
participant lead to one process (page/place.py). A process that ends is started anew. SIGHUP starts them anew
one after another, each once its replies have ended. For good, deploy/systemd does the same by the system's
own means.
"""

import asyncio
import contextlib
import shutil
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final
from urllib.error import URLError
from urllib.request import urlopen

from privacy import keep_private
from scripts.before_start import free_port
from settings import Settings, load_settings
from study.errors import SettingsError, StartError, StudyError
from study.numbers import whole_number

MOST: Final = 12
ROOT: Final = Path(__file__).resolve().parents[1]
# What is being said when a process ends may take so long, unless the operator says otherwise.
DRAIN_S: Final = 20.0
# Between the end of a process and its next start: longer each time that it ends at once.
_AGAIN_S: Final = 1.0
_AGAIN_AT_MOST_S: Final = 30.0
# A process that has run so long did not end for how it was started.
_STOOD_S: Final = 60.0
_READY_WITHIN_S: Final = 120.0

CADDYFILE: Final = """\
# Made by scripts/run --workers: changes are lost.
{{
	admin off
	auto_https off
	persist_config off
	servers {{
		trusted_proxies static 127.0.0.1/32 ::1/128
	}}
}}
http://:{port} {{
	bind {host}
	@room path {room_paths}
	handle @room {{
		reverse_proxy {room} {{
			lb_try_duration 10s
			lb_try_interval 100ms
		}}
	}}
	handle {{
		request_header X-Verbatim-Place {{http.request.cookie.verbatim_place}}
		reverse_proxy {pages} {{
			lb_policy header X-Verbatim-Place {{
				fallback client_ip_hash
			}}
			lb_try_duration 10s
			lb_try_interval 100ms
			fail_duration 1s
			health_uri {path}/api/v1/serving
			health_interval 1s
			health_timeout 2s
			header_up -X-Verbatim-Place
		}}
	}}
}}
"""


@dataclass
class Child:
    """A process that is kept running.

    Args:
        name: As operators know it.
        command: Starts it.
        environment: What it has besides ours.
        port: That it listens on; None for the proxy.
    """

    name: str
    command: Sequence[str]
    environment: dict[str, str] = field(default_factory=dict)
    port: int | None = None
    process: asyncio.subprocess.Process | None = None

    async def run_forever(self) -> None:
        """Start it, and again whenever it ends."""
        loop = asyncio.get_running_loop()
        pause = _AGAIN_S
        variables = [f"{name}={value}" for name, value in self.environment.items()]
        # Where this process is killed, and can end nobody any more, the system ends them.
        ended_with_us = ["setpriv", "--pdeathsig", "TERM"] if shutil.which("setpriv") else []
        while True:
            began_at = loop.time()
            self.process = await asyncio.create_subprocess_exec(
                "env", *variables, *ended_with_us, *self.command, cwd=ROOT, start_new_session=True
            )
            code = await self.process.wait()
            stood = loop.time() - began_at >= _STOOD_S
            pause = _AGAIN_S if stood or code == 0 else min(pause * 2, _AGAIN_AT_MOST_S)
            _say(f"{self.name} has ended ({code}); it starts again in {pause:.0f} s.")
            await asyncio.sleep(pause)

    def send(self, one: signal.Signals) -> None:
        """Send it a signal, where it runs."""
        if self.process is not None and self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self.process.send_signal(one)

    async def wait(self) -> None:
        """Wait for its end."""
        if self.process is not None:
            await self.process.wait()

    async def restart(self) -> None:
        """End it as it likes to, and wait until its successor can be used."""
        before = self.process
        self.send(signal.SIGTERM)
        while self.process is before or not await asyncio.to_thread(self._answers):  # noqa: ASYNC110
            await asyncio.sleep(0.1)

    async def until_it_answers(self) -> None:
        """Wait for its first answer.

        Raises:
            StartError: It has ended, or answers nothing.
        """
        try:
            async with asyncio.timeout(_READY_WITHIN_S):
                while not await asyncio.to_thread(self._answers):
                    if self.process is not None and self.process.returncode is not None:
                        raise StartError(f"{self.name} could not be started; the lines above say why.")
                    await asyncio.sleep(0.1)
        except TimeoutError:
            raise StartError(f"{self.name} did not answer within {_READY_WITHIN_S:.0f} s.") from None

    def _answers(self) -> bool:
        try:
            with urlopen(f"http://127.0.0.1:{self.port}/api/v1/serving", timeout=2) as answer:
                return bool(answer.status == 200)
        except (URLError, OSError):
            return False


class Workers:
    """All of them.

    Args:
        settings: As the environment says.
        host: Where the proxy listens.
        port: Likewise.
        many: Processes for participants.

    Raises:
        StartError: There is no Caddy.
    """

    def __init__(self, settings: Settings, host: str, port: int, many: int) -> None:
        drain = {"VERBATIM_DRAIN_S": str(settings.drain_s or DRAIN_S)}
        self.pages = [_server(f"page {number + 1}", "page", drain) for number in range(many)]
        self.room = _server("room", "room", drain)
        self._folder = settings.data_dir / "workers"
        file = self._folder / "Caddyfile"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(self._caddyfile(settings.public_path, host, port), encoding="utf-8")
        # Caddy keeps what it keeps in the data folder, and not in somebody's home.
        homes = {name: str(self._folder.resolve()) for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME")}
        command = [_caddy(), "run", "--config", str(file.resolve()), "--adapter", "caddyfile"]
        self.proxy = Child("Caddy", command, homes)
        self._tasks: list[asyncio.Task[None]] = []
        self._renewing: asyncio.Task[None] | None = None

    def _caddyfile(self, path: str, host: str, port: int) -> str:
        rooms = [
            f"{one}/{what}" for one in {"", path} for what in ("research", "research/*", "api/v1/research/*")
        ]
        return CADDYFILE.format(
            host=host,
            port=port,
            path=path,
            room_paths=" ".join(rooms),
            room=f"127.0.0.1:{self.room.port}",
            pages=" ".join(f"127.0.0.1:{child.port}" for child in self.pages),
        )

    async def serve(self) -> None:
        """Start all, keep them running, and end them when a signal says so."""
        loop = asyncio.get_running_loop()
        ending: asyncio.Future[signal.Signals] = loop.create_future()
        for one in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(one, partial(_resolve, ending, one))
        loop.add_signal_handler(signal.SIGHUP, self._renew)
        try:
            # One after another: the first brings the database to head.
            for child in (*self.pages, self.room):
                if not await self._begin(child, ending):
                    break
            else:
                self._tasks.append(asyncio.create_task(self.proxy.run_forever(), name="Caddy"))
                await ending
        finally:
            await self._end(ending.result() if ending.done() else signal.SIGTERM)

    async def _begin(self, child: Child, ending: "asyncio.Future[signal.Signals]") -> bool:
        """Start a process.

        Returns:
            Whether it answers; False when a signal has come before it did.
        """
        self._tasks.append(asyncio.create_task(child.run_forever(), name=child.name))
        answers = asyncio.create_task(child.until_it_answers())
        both: list[asyncio.Future[Any]] = [answers, ending]
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        if ending.done():
            answers.cancel()
            return False
        await answers
        return True

    def _renew(self) -> None:
        if self._renewing is None or self._renewing.done():
            self._renewing = asyncio.get_running_loop().create_task(self._one_by_one(), name="renewing")

    async def _one_by_one(self) -> None:
        for child in (*self.pages, self.room):
            await child.restart()
        _say("All processes were started anew.")

    async def _end(self, one: signal.Signals) -> None:
        if self._renewing is not None:
            self._renewing.cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for child in (*self.pages, self.room):
            child.send(one)
        for child in (*self.pages, self.room):
            await child.wait()
        # Last: what is being said until then goes through it.
        self.proxy.send(signal.SIGTERM)
        await self.proxy.wait()


def _server(name: str, serves: str, environment: dict[str, str]) -> Child:
    port = free_port("127.0.0.1", 0)
    command = [sys.executable, "-m", "page.serve", "--host", "127.0.0.1", "--port", str(port)]
    return Child(name, command, environment | {"VERBATIM_SERVES": serves}, port)


def _caddy() -> str:
    found = Path(sys.executable).parent / "caddy"
    named = str(found) if found.exists() else shutil.which("caddy")
    if named is None:
        raise StartError("There is no Caddy in .venv: scripts/run --workers installs it.")
    return named


def _resolve(ending: "asyncio.Future[signal.Signals]", one: signal.Signals) -> None:
    if not ending.done():
        ending.set_result(one)


def _say(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")


def main(host: str, port: str, workers: str) -> None:
    """Serve.

    Raises:
        SettingsError: The number is wrong, or the database is one that one process alone may serve.
        StartError: A process cannot be started.
    """
    many = whole_number(workers)
    if many is None or not 1 <= many <= MOST:
        raise SettingsError(
            f"--workers takes a number from 1 to {MOST}. Write it like: scripts/run --workers 2"
        )
    settings = load_settings()
    if settings.sqlite_folder is not None:
        raise SettingsError(
            "Several processes need PostgreSQL: a SQLite database is served by one. Name one in "
            "VERBATIM_DATABASE_URL (docs/how-to/use-postgresql.md), or start without --workers."
        )
    settings.make_folders()
    asyncio.run(Workers(settings, host, int(port), many).serve())


if __name__ == "__main__":
    keep_private()
    try:
        main(*sys.argv[1:4])
    except StudyError as error:
        _say(str(error))
        sys.exit(error.exit_code)
