"""A proxy as companies, schools and hospitals have them: it lets requests through, and no WebSocket."""

import socket
import threading
from contextlib import suppress
from types import TracebackType
from typing import Final, Self

_PIECE: Final = 65_536
_REFUSAL: Final = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class BlockingProxy:
    """One before one server.

    Args:
        port: The server's.

    Attributes:
        way: What it does with a WebSocket: "refused" with a 403, "hanging" without an answer, "cut" right
            after the handshake; None lets it through.
    """

    def __init__(self, port: int) -> None:
        self.way: str | None = None
        self._port = port
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._held: list[socket.socket] = []

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._listening.getsockname()[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._listen, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listening.close()
        for one in self._held:
            one.close()

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                visitor, _ = self._listening.accept()
                threading.Thread(target=self._serve, args=[visitor], daemon=True).start()

    def _serve(self, visitor: socket.socket) -> None:
        self._held.append(visitor)
        with suppress(OSError):
            head = visitor.recv(_PIECE)
            blocked = self.way if b"upgrade: websocket" in head.lower() else None
            if blocked == "refused":
                visitor.sendall(_REFUSAL)
                visitor.close()
            if blocked in ("refused", "hanging"):
                return
            self._hand_on(visitor, head, cut=blocked == "cut")

    def _hand_on(self, visitor: socket.socket, head: bytes, *, cut: bool) -> None:
        try:
            server = socket.create_connection(("127.0.0.1", self._port))
        except OSError:
            visitor.close()
            return
        self._held.append(server)
        server.sendall(head)
        if cut:
            visitor.sendall(server.recv(_PIECE).partition(b"\r\n\r\n")[0] + b"\r\n\r\n")
            _close(visitor, server)
            return
        threading.Thread(target=_pump, args=[server, visitor], daemon=True).start()
        _pump(visitor, server)


def _pump(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(_PIECE):
            target.sendall(piece)
    _close(source, target)


def _close(*sockets: socket.socket) -> None:
    for one in sockets:
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
        one.close()
