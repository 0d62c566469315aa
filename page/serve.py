"""Serves the app under uvicorn and uvloop: `python -m page.serve`.

`chainlit run app.py` serves the same app, but on nest_asyncio's pure-Python loop and with a deflate
for each message: docs/explanation/performance.md says what that costs.
"""

from typing import Annotated

import typer
import uvicorn
from fastapi import FastAPI

from page.chainlit.untraced import leave_out_tracing
from privacy import keep_private
from settings import load_settings
from study.errors import StudyError


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
    uvicorn.run(
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


def _load(host: str, port: int) -> FastAPI:
    """Load app.py into Chainlit, as its own command does (cli/__init__.py:65)."""
    leave_out_tracing()
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
