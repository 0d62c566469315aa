"""Connections: each opening and closing of one of a participant's pages."""

import uuid
from dataclasses import dataclass
from typing import Final

from sqlalchemy import bindparam, select

from data_layer.database import schema
from data_layer.database.engine import Database
from data_layer.database.order import Clock
from data_layer.writing.writer import Writer
from data_layer.writing.writes import InsertRow, PatchRow
from study.text import storable
from study.vocabulary import Transport


@dataclass(frozen=True)
class OpenConnection:
    """A connection that is open."""

    connection_id: str
    thread_id: str


class Connections:
    """Keeps connections, and knows those that are open now by their socket.

    Args:
        writer: Written through.
        clock: The time.
    """

    def __init__(self, writer: Writer, clock: Clock) -> None:
        self._writer = writer
        self._clock = clock
        self._open: dict[str, OpenConnection] = {}

    def opened(
        self,
        socket_id: str,
        *,
        session_id: str,
        participant_id: str,
        thread_id: str,
        user_agent: str,
        transport: Transport = Transport.WEBSOCKET,
    ) -> None:
        """A socket has opened."""
        connection = OpenConnection(str(uuid.uuid4()), thread_id)
        self._open[socket_id] = connection
        row = {
            "connection_id": connection.connection_id,
            "session_id": storable(session_id)[:200],
            "participant_id": participant_id,
            "thread_id": thread_id,
            "user_agent": storable(user_agent)[:500],
            "transport": transport.value,
            "process_id": self._writer.process_id,
            "opened_at": self._clock(),
        }
        self._writer.submit(InsertRow("connections", row))

    def closed(self, socket_id: str, reason: str) -> None:
        """A socket has closed; closing it twice does nothing."""
        connection = self._open.pop(socket_id, None)
        if connection is not None:
            key = {"connection_id": connection.connection_id}
            changes = {"closed_at": self._clock(), "close_reason": reason}
            self._writer.submit(PatchRow("connections", key, changes, "closed_at"))

    @property
    def count(self) -> int:
        """How many are open in this process."""
        return len(self._open)

    def id_of(self, socket_id: str) -> str | None:
        """The connection of a socket."""
        connection = self._open.get(socket_id)
        return connection.connection_id if connection else None


async def thread_of_session(database: Database, session_id: str, participant_id: str) -> str | None:
    """The thread that a page load was in, for a page that outlived its server.

    Returns:
        The newest living thread that this participant's page load was connected to and wrote in.
    """
    asked = {"session_id": session_id, "participant_id": participant_id}
    thread_id: str | None = await database.read(lambda connection: connection.scalar(_LEFT_IN, asked))
    return thread_id


_connections, _threads = schema.connections, schema.threads
# Built once: every page that connects asks it.
_LEFT_IN: Final = (
    select(_connections.c.thread_id)
    .join(_threads, _threads.c.thread_id == _connections.c.thread_id)
    .where(_connections.c.session_id == bindparam("session_id"))
    .where(_connections.c.participant_id == bindparam("participant_id"))
    .where(_threads.c.participant_id == bindparam("participant_id"), _threads.c.deleted_at.is_(None))
    .order_by(_connections.c.opened_at.desc())
    .limit(1)
)
