"""Everything that leans on Chainlit's insides, and the version that it was tried on."""

import asyncio
import contextlib
import logging
import sys
import types
from collections.abc import Awaitable, Callable, Collection, Sequence
from pathlib import Path
from typing import Any, Final

import chainlit
import chainlit.message  # loaded, so that quicken() finds it
import chainlit.step  # likewise
from chainlit.chat_context import chat_contexts
from chainlit.config import config, public_dir
from chainlit.server import app, router, sio
from chainlit.session import ws_sessions_id
from chainlit.utils import wrap_user_function
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from page.border import Border
from page.entry.still_in import Holds, StillIn
from page.frames import Frames
from page.guard import Handler
from page.origin import is_own
from page.own_files import OwnFiles
from page.problem_page import ProblemPages, on_failure, on_refusal
from page.shelf import Shelf
from study.errors import StartError
from study.participation import Attachments

CHAINLIT_VERSION: Final = "2.12.0"

# Seconds. A page that hears nothing for 6.5 s says that it is disconnected, and takes that back when it
# hears something again (public/page/connection.js). Chainlit's 25 + 20 would take it a minute.
PING_INTERVAL_S: Final = 4
# The server itself may wait longer: a page that comes back takes its place on a new connection at once.
PING_TIMEOUT_S: Final = 16
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
    frames = Frames(sio.eio.disconnect, lambda eio_sid: bool(sio.manager.sid_from_eio_sid(eio_sid, "/")))
    sio.eio.on("connect", frames.connected(sio._handle_eio_connect))
    sio.eio.on("message", frames.came(sio._handle_eio_message))
    sio._handle_event = frames.event(types.MethodType(type(sio)._handle_event, sio))


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


def tell_problems(pages: ProblemPages) -> None:
    """Answer what fails or is refused with pages of our own; Chainlit's app answers with bare JSON.

    Args:
        pages: Drawn for browsers.
    """
    app.state.problem_pages = pages
    app.add_exception_handler(HTTPException, on_refusal)
    app.add_exception_handler(Exception, on_failure)


_CATCH_ALL: Final = "/{full_path:path}"


def close_doors(allowed_origins: Sequence[str]) -> None:
    """Put the border before everything.

    Args:
        allowed_origins: Public addresses besides the server's own.
    """
    if "Border" not in {getattr(one.cls, "__name__", "") for one in app.user_middleware}:
        app.add_middleware(Border, allowed_origins=allowed_origins)


def shelve() -> None:
    """Put before everything what answers for small files alone; so it must be put there last."""
    if "Shelf" not in {getattr(one.cls, "__name__", "") for one in app.user_middleware}:
        own = OwnFiles(Path(public_dir))
        app.add_middleware(Shelf, digest=lambda: own.digest)


def check_sign_ins(holds: Holds) -> None:
    """Put before the border what takes the cookie off whose sign-in has ended.

    Args:
        holds: Whether a sign-in is a participant's and goes on.
    """
    # `chainlit run -w` loads the app again into the same server, whose middleware stands by then.
    sign_ins["holds"] = holds
    if "StillIn" not in {getattr(one.cls, "__name__", "") for one in app.user_middleware}:
        app.add_middleware(
            StillIn, holds=lambda sign_in_id, participant_id: sign_ins["holds"](sign_in_id, participant_id)
        )


sign_ins: Final[dict[str, Holds]] = {}


def answer_with(on_message: Callable[[Any], Awaitable[None]]) -> None:
    """Register who hears messages, without the run that cl.on_message wraps around it (callbacks.py:156).

    The chat stage makes its own run: one that knows its agent, and ends as stopped, failed or complete.
    """
    config.code.on_message = wrap_user_function(on_message)


def offer_attachments(allowed: Attachments | None) -> None:
    """Let Chainlit's page offer what the study allows (server.py, /project/settings); uploads.py decides.

    Args:
        allowed: None takes the button away.
    """
    offered = config.features.spontaneous_file_upload
    if offered is None:
        return
    offered.enabled = allowed is not None
    if allowed is not None:
        offered.accept = {
            mime: list(names) for kind in allowed.kinds for mime, names in _OFFERED[kind].items()
        }
        offered.max_files = allowed.max_files
        offered.max_size_mb = allowed.max_size_mb


# What the browser's own window shows to choose from.
_OFFERED: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "image": {
        "image/png": (".png",),
        "image/jpeg": (".jpg", ".jpeg"),
        "image/gif": (".gif",),
        "image/webp": (".webp",),
    },
    "pdf": {"application/pdf": (".pdf",)},
    "text": {"text/*": (".txt", ".md", ".csv", ".json", ".log")},
}


async def sweep_forever(sweep_files: Callable[[Collection[str]], object]) -> None:
    """Forget what sessions leave behind that are gone: Chainlit never forgets their chat contexts.

    Args:
        sweep_files: Removes uploads that no message took along, but for those of living sessions.
    """
    while True:
        await asyncio.sleep(SWEEP_S)
        for session_id in [key for key in chat_contexts if key not in ws_sessions_id]:
            chat_contexts.pop(session_id, None)
        with contextlib.suppress(OSError):  # Tried again in a minute.
            await asyncio.to_thread(sweep_files, frozenset(ws_sessions_id))


def _own(origin: str | None, environ: dict[str, Any], allowed: Sequence[str]) -> bool:
    # None is a program: a browser always names the origin of a WebSocket.
    return origin is None or is_own(origin, environ.get("HTTP_HOST", ""), allowed)
