"""Socket.IO's events to pages, put into their queues at once.

Its manager makes a task for each page and waits for all of them (socketio/async_manager.py:43): a fifth of
what a frame of a reply costs, and to be put into a queue without end is nothing to wait for.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from engineio import packet as engine
from socketio import packet

log = structlog.get_logger(__name__)


def at_once(server: Any, original: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    """Make what emits in place of a manager's own.

    Args:
        server: Socket.IO's.
        original: The manager's; it still sends what is to be answered.
    """

    async def emit(
        event: str,
        data: Any,
        namespace: str,
        room: Any = None,
        skip_sid: Any = None,
        callback: Any = None,
        to: Any = None,
        **others: Any,  # ignore_queue: of managers that share a queue with other processes
    ) -> None:
        if callback is not None or namespace not in server.manager.rooms:
            await original(event, data, namespace, room, skip_sid, callback, to, **others)
            return
        said = list(data) if isinstance(data, tuple) else [] if data is None else [data]
        encoded = server.packet_class(packet.EVENT, namespace=namespace, data=[event, *said]).encode()
        pieces = encoded if isinstance(encoded, list) else [encoded]
        packets = [engine.Packet(engine.MESSAGE, piece) for piece in pieces]
        left_out = skip_sid if isinstance(skip_sid, list) else [skip_sid]
        for sid, eio_sid in tuple(server.manager.get_participants(namespace, to or room)):
            for one in packets if sid not in left_out else ():
                try:
                    await server._send_eio_packet(eio_sid, one)
                except Exception as error:  # One page that is gone must not keep it from the others.
                    log.info("page_not_reached", event_name=event, error_type=type(error).__name__)
                    break

    return emit
