"""Hears that the server is about to end, before it waits for its open answers.

uvicorn waits for them, and only then tells the app (https://www.uvicorn.org/server-behavior/#graceful-process-shutdown):
a stream of events that lasts as long as somebody reads it would hold it up.
"""

import asyncio
import signal
import threading
from collections.abc import Callable
from types import FrameType


def on_ending(tell: Callable[[], None], not_yet: Callable[[], bool] = lambda: False) -> None:
    """Call something when the server is asked to end. To be called in its loop, once it serves.

    Args:
        tell: Called in the loop.
        not_yet: Whether a SIGTERM begins to drain the server (page/draining.py), and ends it later.
    """
    if threading.current_thread() is not threading.main_thread():
        return  # A test's server; whoever runs it ends it in its own way.
    loop = asyncio.get_running_loop()
    for one in (signal.SIGINT, signal.SIGTERM):
        _chain(one, lambda: loop.call_soon_threadsafe(tell), not_yet)


def _chain(one: signal.Signals, tell: Callable[[], object], not_yet: Callable[[], bool]) -> None:
    before = signal.getsignal(one)

    def heard(number: int, frame: FrameType | None) -> None:
        if one is not signal.SIGTERM or not not_yet():
            tell()
        if callable(before):
            before(number, frame)

    # Where nobody else listens, the signal does what it does by itself.
    if callable(before):
        signal.signal(one, heard)
