"""The pages that are open under a sign-in: Chainlit's sockets, found by the cookie they came with."""

import asyncio
from contextlib import suppress
from typing import Any

import structlog
from chainlit.server import sio
from chainlit.session import WebsocketSession, ws_sessions_sid
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import HTTPConnection

from data_layer.database.order import Clock
from data_layer.people.sign_ins import LOOK_AGAIN, SignIns
from page.chainlit.cookies import sign_in_of, signed_in
from web.socket_events import ToPage

log = structlog.get_logger(__name__)


async def close_ended_forever(sign_ins: SignIns, clock: Clock) -> None:
    """Close the pages whose sign-ins another process has ended: `cli.py accounts reset`."""
    while True:
        before = clock()
        with suppress(TimeoutError):
            await asyncio.wait_for(sign_ins.ended_elsewhere.wait(), LOOK_AGAIN.total_seconds())
        sign_ins.ended_elsewhere.clear()
        try:
            # Twice as far back: what is committed late bears an earlier time.
            for sign_in_id in await sign_ins.ended_since(before - LOOK_AGAIN):
                await close_pages(sign_in_id)
        except (SQLAlchemyError, OSError) as error:
            log.warning("ended_sign_ins_not_looked_up", error_type=type(error).__name__)


async def close_page(socket_id: str) -> None:
    """Close one."""
    await sio.disconnect(socket_id)


async def close_pages(sign_in_id: str) -> None:
    """Close them; each hears why."""
    for session in [one for one in ws_sessions_sid.values() if _is_under(one, sign_in_id)]:
        emit: Any = session.emit
        await emit(ToPage.SIGNED_OUT, {})
        await sio.disconnect(session.socket_id)


async def close_pages_of(participant_id: str, leads_to: str) -> None:
    """Close every page of a participant; each goes to an address of ours."""
    for session in tuple(ws_sessions_sid.values()):
        if session.user is None or session.user.identifier != participant_id:
            continue
        emit: Any = session.emit
        await emit(ToPage.SIGNED_OUT, {"to": leads_to})
        await sio.disconnect(session.socket_id)


def _is_under(session: WebsocketSession, sign_in_id: str) -> bool:
    scope = session.environ.get("asgi.scope")
    user = signed_in(HTTPConnection(scope)) if isinstance(scope, dict) else None
    return user is not None and sign_in_of(user) == sign_in_id
