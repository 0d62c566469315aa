"""Whoever started the server hears that it serves, that it lives, and that it ends: as systemd does."""

import asyncio
import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn

from page.draining import Draining
from page.serve import DrainingServer
from page.supervised import Supervisor

PATIENCE_S = 10


@pytest.fixture
def listening(tmp_path: Path) -> Iterator[socket.socket]:
    """What systemd listens on."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind(str(tmp_path / "notify"))
        heard.setblocking(False)
        yield heard


def told(listening: socket.socket, **more: str) -> Supervisor:
    """As systemd starts a process."""
    return Supervisor({"NOTIFY_SOCKET": str(listening.getsockname()), **more})


def server(supervisor: Supervisor) -> DrainingServer:
    """A server of nothing, on any port."""
    config = uvicorn.Config(lambda *_: None, port=0, lifespan="off", log_level="critical")
    config.load()
    made = DrainingServer(config, Draining(lambda _: False, 0), supervisor)
    made.lifespan = config.lifespan_class(config)
    return made


async def test_it_says_that_it_serves_once_it_listens(listening: socket.socket) -> None:
    """Not before: what waits for it would be refused."""
    serving = server(told(listening))
    await serving.startup()
    try:
        assert listening.recv(100) == b"READY=1"
        assert serving.servers[0].sockets[0].getsockname()[1] > 0
    finally:
        await serving.shutdown()


async def test_it_says_that_it_ends(listening: socket.socket) -> None:
    """As soon as it is asked to."""
    server(told(listening)).handle_exit(signal.SIGTERM, None)
    assert listening.recv(100) == b"STOPPING=1"


async def test_it_beats_while_its_loop_turns(listening: socket.socket) -> None:
    """Twice within the time after which it would be started anew."""
    supervisor = told(listening, WATCHDOG_USEC="20000", WATCHDOG_PID=str(os.getpid()))
    assert supervisor.every_s == 0.01
    beating = asyncio.create_task(supervisor.beat_forever())
    try:
        async with asyncio.timeout(PATIENCE_S):
            beats = [await asyncio.get_running_loop().sock_recv(listening, 100) for _ in range(3)]
    finally:
        beating.cancel()
    assert beats == [b"WATCHDOG=1"] * 3


@pytest.mark.parametrize(
    "environment",
    [{}, {"WATCHDOG_USEC": "0"}, {"WATCHDOG_USEC": "soon"}, {"WATCHDOG_USEC": "20000", "WATCHDOG_PID": "1"}],
)
async def test_nobody_who_did_not_ask_is_told(listening: socket.socket, environment: dict[str, str]) -> None:
    """Without a watchdog, or with one for another process, the task ends at once."""
    async with asyncio.timeout(PATIENCE_S):
        await told(listening, **environment).beat_forever()
    with pytest.raises(BlockingIOError):
        listening.recv(100)


def test_a_supervisor_that_is_gone_is_no_failure(tmp_path: Path) -> None:
    """Systemd may be started anew itself; a server started by hand has none."""
    Supervisor({"NOTIFY_SOCKET": str(tmp_path / "gone")}).tell("READY=1")
    Supervisor({}).tell("READY=1")
