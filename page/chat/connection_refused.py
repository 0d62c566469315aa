"""What a page is told that may not connect."""

from socketio.exceptions import ConnectionRefusedError as ToldRefusal


class NotLetIn(ToldRefusal, ConnectionRefusedError):  # type: ignore[misc]  # Socket.IO has no types.
    """The page hears why: of Python's own error Socket.IO says nothing (socketio/async_server.py:580)."""
