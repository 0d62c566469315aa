"""Everything that leans on Chainlit's insides, and the version that it was tried on."""

import asyncio
import logging
import sys
import types
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

import chainlit
import chainlit.message  # loaded, so that quicken() finds it
import chainlit.step  # likewise
from chainlit.chat_context import chat_contexts
from chainlit.config import config
from chainlit.server import app, router, sio
from chainlit.session import ws_sessions_id
from chainlit.utils import wrap_user_function
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from page.border import Border
from page.guard import Handler
from study.errors import StartError

CHAINLIT_VERSION: Final = "2.12.0"

# Seconds. A link that goes silent is noticed after both; Chainlit's 25 + 20 take a minute.
PING_INTERVAL_S: Final = 10
PING_TIMEOUT_S: Final = 10
# https://docs.python.org/3/library/sys.html#sys.setswitchinterval: 5 ms unless set.
SWITCH_INTERVAL_S: Final = 0.0005
# Between two looks at what closed sessions have left behind.
SWEEP_S: Final = 60


def check_version() -> None:
    """Refuse another Chainlit than the one that this was tried on.

    Raises:
        StartError: It is another.
    """
    if chainlit.__version__ != CHAINLIT_VERSION:
        raise StartError(
            f"Chainlit {chainlit.__version__} is installed; Verbatim is tried on {CHAINLIT_VERSION} "
            f"and leans on its insides. Install that one (pip install chainlit=={CHAINLIT_VERSION}), or "
            "go through page/patches.py with the new one's source, and raise CHAINLIT_VERSION when "
            "scripts/test is green."
        )


def quicken() -> None:
    """Take out what makes everybody wait.

    A millisecond's sleep in each Message() and Step() stops the loop (message.py:230). And the
    database's threads hand results back while the loop is busy: with Python's 5 ms a hand-over, a
    few of them in a row are what a participant waits for the first word.
    """
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    awake = types.SimpleNamespace(sleep=lambda _seconds: None)
    # By their names: as attributes of the package, `step` is a function.
    for name in ("chainlit.message", "chainlit.step"):
        vars(sys.modules[name])["time"] = awake


def quieten() -> None:
    """Chainlit tells at each page load that chainlit.md has no translation; there is nothing in it."""
    logging.getLogger("chainlit").addFilter(lambda entry: "Translated markdown" not in str(entry.msg))


def guard_sockets(
    make: Callable[[dict[str, Handler]], dict[str, Handler]], allowed_origins: Sequence[str]
) -> None:
    """Put guarded handlers in place of Chainlit's, and let only our own pages connect.

    Args:
        make: Gets Chainlit's handlers, gives those to use.
        allowed_origins: Public addresses besides the server's own.
    """
    originals = getattr(sio, "verbatim_originals", None) or dict(sio.handlers["/"])
    sio.verbatim_originals = originals  # `chainlit run -w` loads the app again into the same server.
    sio.handlers["/"] = make(originals)
    sio.eio.ping_interval = PING_INTERVAL_S
    sio.eio.ping_timeout = PING_TIMEOUT_S
    sio.eio.cors_allowed_origins = lambda origin, environ: _own(origin, environ, allowed_origins)


def put_routes_first(routes: Sequence[BaseRoute]) -> None:
    """Put routes before Chainlit's, whose last one answers every path with its page (server.py:2192)."""
    names = {route.name for route in routes if hasattr(route, "name")}
    kept = [route for route in app.router.routes if getattr(route, "name", None) not in names]
    app.router.routes[:] = [*routes, *kept]


def answer_unknown_paths(endpoint: Callable[[Request], Awaitable[Response]]) -> None:
    """Say 404 where Chainlit would show its page to any path (server.py:2192).

    Args:
        endpoint: What answers instead.
    """
    router.routes[:] = [one for one in router.routes if getattr(one, "path", "") != _CATCH_ALL]
    if not any(getattr(one, "path", "") == _CATCH_ALL for one in app.router.routes):
        app.router.routes.append(Route(_CATCH_ALL, endpoint, methods=["GET", "HEAD"]))


_CATCH_ALL: Final = "/{full_path:path}"


def close_doors() -> None:
    """Put the border before everything."""
    if "Border" not in {getattr(one.cls, "__name__", "") for one in app.user_middleware}:
        app.add_middleware(Border)


def answer_with(on_message: Callable[[Any], Awaitable[None]]) -> None:
    """Register who hears messages, without the run that cl.on_message wraps around it (callbacks.py:156).

    The chat stage makes its own run: one that knows its agent, and ends as stopped, failed or complete.
    """
    config.code.on_message = wrap_user_function(on_message)


async def sweep_forever() -> None:
    """Forget the chat contexts of sessions that are gone; Chainlit never does."""
    while True:
        await asyncio.sleep(SWEEP_S)
        for session_id in [key for key in chat_contexts if key not in ws_sessions_id]:
            chat_contexts.pop(session_id, None)


def _own(origin: str | None, environ: dict[str, Any], allowed: Sequence[str]) -> bool:
    if origin is None:
        return True  # A program: a browser always names the origin of a WebSocket.
    host = environ.get("HTTP_HOST", "")
    return origin in allowed or origin in (f"http://{host}", f"https://{host}")
