"""Serves the app under uvicorn and uvloop: `python -m page.serve`.

`chainlit run app.py` serves the same app, but on nest_asyncio's pure-Python loop and with a deflate
for each message: docs/explanation/performance.md says what that costs.
"""

import asyncio
import signal
import socket
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer
import uvicorn
from fastapi import FastAPI

from page.chainlit.untouched import leave_files_untouched
from page.chainlit.untraced import leave_out_tracing
from page.supervised import READY, STOPPING, Supervisor
from privacy import keep_private
from settings import load_settings, supervision
from study.errors import StudyError

if TYPE_CHECKING:
    from page.draining import Draining


def serve(
    host: Annotated[str | None, typer.Option(help="Network address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port of the participants' page.")] = None,
) -> None:
    """Serve the participants' page."""
    try:
        settings = load_settings()
        served = _load(host or settings.host, port or settings.port)
    except StudyError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(error.exit_code) from error
    config = uvicorn.Config(
        served,
        host=host or settings.host,
        port=port or settings.port,
        loop="uvloop",
        http="httptools",
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        # Engine.IO's own limit, applied by its header instead of after 16 MB of it are in memory.
        ws_max_size=1_000_000,
        log_level="warning",
        # Chainlit's shutdown ends in os._exit (server.py:195): open sockets must not hold it up.
        timeout_graceful_shutdown=5,
    )
    DrainingServer(config, served.state.draining, Supervisor(supervision())).run()


class DrainingServer(uvicorn.Server):
    """uvicorn's, which hands its pages on before it ends, where it is given time for it.

    Args:
        config: uvicorn's.
        draining: What it does before.
        supervisor: Who hears that it serves, and that it ends.
    """

    def __init__(self, config: uvicorn.Config, draining: "Draining", supervisor: Supervisor) -> None:
        super().__init__(config)
        self._draining = draining
        self._supervisor = supervisor
        self._handing_on: asyncio.Task[None] | None = None

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve, until a signal ends it."""
        self._loop = asyncio.get_running_loop()
        await super().serve(sockets)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say so once people can come."""
        await super().startup(sockets)
        if self.started:
            self._supervisor.tell(READY)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """A signal has come: a first SIGTERM is given time, where there is some, and no other."""
        self._supervisor.tell(STOPPING)
        if sig == signal.SIGTERM and self._draining.may_begin:
            self._draining.begun = True
            self._loop.call_soon_threadsafe(self._begin)
            return
        super().handle_exit(sig, frame)

    def _begin(self) -> None:
        self._handing_on = self._loop.create_task(self._hand_on(), name="draining")

    async def _hand_on(self) -> None:
        await self._draining.drain()
        # Whoever waits for the end hears of it now (page/ending.py), this server as well.
        signal.raise_signal(signal.SIGTERM)


def _load(host: str, port: int) -> FastAPI:
    """Load app.py into Chainlit, as its own command does (cli/__init__.py:65)."""
    leave_out_tracing()
    leave_files_untouched()
    from chainlit.auth import ensure_jwt_secret
    from chainlit.config import config, load_module
    from chainlit.server import app

    config.run.host, config.run.port = host, port
    config.run.headless = True
    config.run.module_name = "app.py"
    load_module("app.py")
    ensure_jwt_secret()
    return app


# Its tracebacks would be broken into lines, and a key in them with them.
cli = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
cli.command()(serve)

if __name__ == "__main__":
    keep_private()
    cli()
