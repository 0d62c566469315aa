"""The table `connections`: when participants' pages were connected."""

from sqlalchemy import ColumnElement, or_, select

from data_layer.database import schema
from exports.columns.column import Column
from exports.columns.field import Kind
from exports.columns.scope import Scope
from exports.columns.shared import key, participant_id, time
from exports.columns.table import ExportTable, Extract, until_closed
from study.vocabulary import Transport

connections = schema.connections

COLUMNS = (
    key("connection_id", "The connection.", connections.c.connection_id),
    Column(
        "session_id",
        Kind.TEXT,
        "The page load that it belongs to, as Chainlit names it.",
        value=connections.c.session_id,
        required=True,
    ),
    participant_id(connections, "Who was connected.", strict=False),
    Column(
        "thread_id",
        Kind.ID,
        "The thread that the page showed; one in which nothing was ever said is not among the threads.",
        value=connections.c.thread_id,
        repeats=True,
    ),
    Column(
        "user_agent", Kind.TEXT, "What the browser says it is.", value=connections.c.user_agent, repeats=True
    ),
    Column(
        "transport",
        Kind.TEXT,
        "How: a page by a WebSocket, or by long polling, where a proxy lets no WebSocket through; a program "
        "by a request (rest), a stream of events (sse), or a WebSocket of its own (api websocket).",
        value=connections.c.transport,
        levels=tuple(one.value for one in Transport),
        required=True,
        repeats=True,
    ),
    time("opened_at", "When it was opened.", connections.c.opened_at, required=True),
    time("closed_at", "When it was closed; missing while it was open.", connections.c.closed_at),
    Column("close_reason", Kind.TEXT, "Why it was closed.", value=connections.c.close_reason, repeats=True),
)


def extract(scope: Scope) -> Extract:
    """All connections; under a filter those of the chosen threads.

    A page may move from thread to thread over one connection, so those that the exported messages, steps
    and runs name are among them.
    """
    where: tuple[ColumnElement[bool], ...] = ()
    if scope.filtered:
        chosen = scope.chosen()
        used = (
            select(schema.steps.c.connection_id).where(schema.steps.c.thread_id.in_(chosen)),
            select(schema.runs.c.connection_id).where(schema.runs.c.thread_id.in_(chosen)),
        )
        where = (
            or_(connections.c.thread_id.in_(chosen), *(connections.c.connection_id.in_(one) for one in used)),
        )
    return Extract(
        source=connections,
        where=where,
        order=(connections.c.connection_id,),
        touched=until_closed(connections.c.closed_at),
        moved=(connections.c.opened_at,),
        fixed=frozenset(
            {"session_id", "participant_id", "thread_id", "user_agent", "transport", "opened_at"}
        ),
        follows="participant_id" if scope.filtered else None,
    )


TABLE = ExportTable(
    name="connections",
    description="When participants' pages were connected; one row a connection.",
    columns=COLUMNS,
    key=("connection_id",),
    extract=extract,
)
