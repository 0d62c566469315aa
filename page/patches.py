"""Everything that leans on Chainlit's insides, and the version that it was tried on."""

import asyncio
import contextlib
import logging
import os
import sys
import types
from collections.abc import Callable, Collection, Sequence
from typing import Any, Final

import chainlit
import chainlit.auth
import chainlit.message  # loaded, so that remove_sleeps() finds it
import chainlit.server
import chainlit.step  # likewise
from chainlit.chat_context import chat_contexts
from chainlit.config import FILES_DIRECTORY, config
from chainlit.server import SafariWebSocketsCompatibleGZipMiddleware, app, router, sio
from chainlit.session import ws_sessions_id
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from page.chainlit.cookies import read_token
from page.chat.emitting import at_once
from page.chat.frame_limit import FrameLimit
from page.chat.guard import Handler
from study.errors import StartError
from study.participation import AttachmentRules
from web.origin import is_own
from web.problem_page import on_failure, on_refusal

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


def close_files() -> None:
    """Chainlit makes a folder for uploads when it is imported, open to others (config.py:62)."""
    # Where it is another account's: nothing is put into it, for page/me/uploads.py takes what is uploaded.
    with contextlib.suppress(OSError):
        FILES_DIRECTORY.chmod(0o700)
    # It removes that folder whole when it ends (server.py:190), also under another process that goes on.
    # What it keeps of a page it removes with the page (session.py).
    vars(chainlit.server)["FILES_DIRECTORY"] = FILES_DIRECTORY / str(os.getpid())


def hide_errors(sentence: Callable[[], str]) -> None:
    """Say a sentence where Chainlit would show, and keep, the text of what a callback raised (utils.py:66).

    Args:
        sentence: In the participant's language. What was raised is in the log.
    """
    messages = vars(chainlit.message)
    original = messages.get("verbatim_original") or messages["ErrorMessage"]
    messages["verbatim_original"] = original  # `chainlit run -w` loads the app again.
    messages["ErrorMessage"] = lambda content, author: original(content=sentence(), author=author)


def remove_sleeps() -> None:
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


def verify_tokens_once() -> None:
    """Read a token where ours read it: its signature is verified once, not three times a request.

    Chainlit does at each look (auth/__init__.py:60).
    """
    vars(chainlit.auth)["decode_jwt"] = read_token


def silence_translation_warning() -> None:
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
    frames = FrameLimit(sio.eio.disconnect, lambda eio_sid: bool(sio.manager.sid_from_eio_sid(eio_sid, "/")))
    sio.eio.on("connect", frames.connected(sio._handle_eio_connect))
    sio.eio.on("message", frames.came(sio._handle_eio_message))
    sio.manager.emit = at_once(sio, types.MethodType(type(sio.manager).emit, sio.manager))
    sio._handle_event = frames.event(types.MethodType(type(sio)._handle_event, sio))


def kept_app() -> ASGIApp:
    """Chainlit's app with the routes that this one uses, and no other: what it does not offer is not there.

    Returns:
        What serves them, with Chainlit's own middlewares around.
    """
    router.routes[:] = [route for route in router.routes if _is_kept(route)]
    app.router.routes[:] = [
        route for route in app.router.routes if not isinstance(route, Route) or _is_kept(route)
    ]
    # The outer app compresses, quickly, what is worth it; Chainlit does all at level 9 (server.py:259).
    app.user_middleware[:] = [one for one in app.user_middleware if getattr(one.cls, "__name__", "") != _GZIP]
    app.add_exception_handler(HTTPException, on_refusal)
    app.add_exception_handler(Exception, on_failure)
    return app.build_middleware_stack()


_GZIP: Final = SafariWebSocketsCompatibleGZipMiddleware.__name__


def _is_kept(route: BaseRoute) -> bool:
    methods, path = getattr(route, "methods", None) or (), getattr(route, "path", "")
    return any(f"{method} {path}" in KEPT_ROUTES for method in methods)


# Those of server.py that no route of ours stands for. What else it has is for features that are off, says how
# it is made, or checks no owner (CHAINLIT section 6); its last one answers every path with its page.
KEPT_ROUTES: Final = frozenset(
    {
        "GET /auth/config",
        "GET /project/thread/{thread_id}",
        "GET /project/thread/{thread_id}/element/{element_id}",
        "PUT /project/thread",
        "DELETE /project/thread",
        "GET /favicon",
        "GET /logo",
        "GET /health",
        "HEAD /",
    }
)


def configure_uploads(allowed: AttachmentRules | None) -> None:
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
