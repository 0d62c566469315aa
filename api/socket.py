"""A conversation over one WebSocket: typed messages in both directions.

Who it is comes in the header Authorization, by the page's own cookie, or as the first message; never in the
address, which proxies write into their logs. It is asked again at each message, and the thread's owner too.
"""

import asyncio
from typing import Annotated, Any, Final

import structlog
from fastapi import APIRouter, Query
from sqlalchemy.exc import SQLAlchemyError
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from api.caller import bearer_of, still_in, who_asks
from api.chat import newest_message
from api.context import ApiContext, Context, SignedIn
from api.live.commands import AuthenticateMessage, NotReadable, PingMessage, read_message
from api.live.events import ErrorEvent, PongEvent
from api.live.hub import SIGNED_OUT, LiveListener
from api.live.place import LONGEST_PLACE, Place
from api.live.reading import LiveReading, Placed
from api.live.spoken import SocketTurns
from api.live.sse import followed
from api.own import own_thread
from api.problem import ApiProblem, answer
from api.tokens import read_token
from api.turns import ApiTurns, TurnOrigin, check_pace_of_openings
from stages.chat.away import AWAY
from study.errors import WriteRefused
from study.language import language_for
from study.pace import RateLimiter
from study.strings import Strings, strings_in
from study.vocabulary import Transport
from web.origin import is_own
from web.problem import HttpProblem
from web.sse import LOOK_AGAIN_S

log = structlog.get_logger(__name__)
router = APIRouter()

# Characters of a message; the page's requests may be as long.
LONGEST_FRAME: Final = 262_144
# What a socket may send at once, and how many a second for ever.
FRAMES: Final = (200, 20.0)
# Who has not said by then who they are, is let go.
FIRST_WORD_WITHIN_S: Final = 20.0
CLOSED_WITHIN_S: Final = 3.0

_GOING_AWAY, _NO_TEXT, _TOO_LONG = 1001, 1003, 1009
_CODES: Final = {"signed_out": 4401, "not_found": 4404, "too_fast": 4429, "not_now": 1013}
_OTHER: Final = 4400


class _Ends(Exception):
    """The socket ends.

    Args:
        code: As WebSockets have it.
        error: What is told before it does.
    """

    def __init__(self, code: int, error: ErrorEvent | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.error = error


@router.websocket("/ws/chat/{thread_id}")
async def converse(
    socket: WebSocket,
    thread_id: str,
    context: Context,
    last_event_id: Annotated[str | None, Query(max_length=LONGEST_PLACE)] = None,
) -> None:
    """Hold a conversation in a thread, and follow it."""
    origin = socket.headers.get("origin")
    is_ours = origin is not None and is_own(origin, socket.headers.get("host", ""), context.origins)
    # Programs name none; a browser's page of another site may come in where the operator named it.
    if origin is not None and not is_ours and origin not in socket.app.state.other_origins:
        context.record.refused("api socket", "another origin", None)
        await socket.send_denial_response(answer(403, "other_site", "This is another site's page."))
        return
    await socket.accept()
    try:
        await ChatSocket(socket, context, thread_id, by_cookie=is_ours).serve(last_event_id)
    except _Ends as end:
        await _close(socket, end)
    except WebSocketDisconnect:
        pass
    except AWAY as error:
        await _close(socket, _Ends(_CODES["not_now"], _told(error, thread_id, None)))


class ChatSocket:
    """One socket.

    Args:
        socket: Accepted.
        context: What the API stands on.
        thread_id: Which thread it names.
        by_cookie: It may come by the page's cookie: a page of ours opened it.
    """

    def __init__(self, socket: WebSocket, context: ApiContext, thread_id: str, *, by_cookie: bool) -> None:
        self._socket = socket
        self._context = context
        self._thread_id = thread_id
        self._by_cookie = by_cookie
        self._pace = RateLimiter(*FRAMES)

    async def serve(self, last_event_id: str | None) -> None:
        """Hear and tell until either side ends it.

        Raises:
            _Ends: It ends, and why.
            WebSocketDisconnect: The client has gone.
        """
        who, place = await self._who(last_event_id)
        try:
            check_pace_of_openings(self._context, who)
            await own_thread(self._context, who, self._thread_id)
            newest = await newest_message(self._context, self._thread_id) if place is None else ""
        except (ApiProblem, SQLAlchemyError, OSError) as error:
            told = _told(error, self._thread_id, None)
            raise _Ends(_CODES.get(told.code, _OTHER), told) from None
        headers = self._socket.headers
        origin = TurnOrigin(who, self._strings(), Transport.API_WEBSOCKET, headers.get("user-agent", ""))
        turns = ApiTurns(self._context, origin)
        with turns.connected(self._thread_id) as listener:
            reading = LiveReading(
                self._context.record.database, self._context.live, listener, place or Place(newest)
            )
            await _first_end(
                self._tell(turns, reading, resumes=place is not None),
                self._hear(SocketTurns(turns, self._thread_id, listener), who, listener),
                self._look_again(who),
                self._until_the_server_ends(),
            )

    async def _who(self, last_event_id: str | None) -> tuple[SignedIn, Place | None]:
        """Who it is, by a header or by the first message."""
        try:
            named = bearer_of(self._socket) is not None or self._by_cookie
            who = await who_asks(self._socket, self._context) if named else None
            if who is None and bearer_of(self._socket) is None:
                async with asyncio.timeout(FIRST_WORD_WITHIN_S):
                    first = read_message(await self._frame())
                if not isinstance(first, AuthenticateMessage):
                    raise _Ends(
                        4401, ErrorEvent(code="signed_out", detail="Say first who it is: authenticate.")
                    )
                last_event_id = first.last_event_id or last_event_id
                who = read_token(self._context.secret, first.token, "access", self._context.record.now())
                who = who if who is not None and await still_in(self._context, who) else None
        except (TimeoutError, NotReadable):
            raise _Ends(
                4401, ErrorEvent(code="signed_out", detail="Say first who it is: authenticate.")
            ) from None
        except (SQLAlchemyError, OSError) as error:
            raise _Ends(1013, _told(error, self._thread_id, None)) from None
        if who is None:
            raise _Ends(4401, ErrorEvent(code="signed_out", detail=SIGNED_OUT))
        place = Place.read(last_event_id) if last_event_id else None
        if last_event_id and place is None:
            raise _Ends(_OTHER, ErrorEvent(code="no_such_event", detail="last_event_id is no event's id."))
        return who, place

    async def _frame(self) -> str:
        """The next message, as text.

        Raises:
            _Ends: It may not be one, or too many have come.
        """
        message = await self._socket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", 1005))
        text = message.get("text")
        if text is None:
            raise _Ends(_NO_TEXT)
        if len(text) > LONGEST_FRAME:
            raise _Ends(_TOO_LONG)
        if not self._pace.allows(""):
            raise _Ends(4429, ErrorEvent(code="too_fast", detail="Too many messages in a short time."))
        return str(text)

    async def _hear(self, turns: SocketTurns, who: SignedIn, listener: LiveListener) -> None:
        while True:
            text = await self._frame()
            try:
                message = read_message(text)
            except NotReadable as error:
                listener.tell(ErrorEvent(thread_id=self._thread_id, code="not_readable", detail=str(error)))
                continue
            try:
                await self._check(who)
                if isinstance(message, PingMessage):
                    listener.tell(PongEvent(thread_id=self._thread_id, ref=message.ref))
                else:
                    await turns.take(message)
            except (ApiProblem, HttpProblem, WriteRefused, SQLAlchemyError, OSError) as error:
                listener.tell(_told(error, self._thread_id, message.ref, turns.strings))

    async def _check(self, who: SignedIn) -> None:
        """See that who speaks is in still, and that the thread is theirs still."""
        is_over = who.until is not None and who.until <= self._context.record.now()
        if is_over or not await still_in(self._context, who):
            raise _Ends(4401, ErrorEvent(code="signed_out", detail=SIGNED_OUT))
        try:
            await own_thread(self._context, who, self._thread_id)
        except ApiProblem as problem:
            raise _Ends(4404, _told(problem, self._thread_id, None)) from None

    async def _tell(self, turns: ApiTurns, reading: LiveReading, *, resumes: bool) -> None:
        last: ErrorEvent | None = None
        async for told in followed(turns, self._context, reading, self._thread_id, resumes=resumes):
            last = told.event if isinstance(told.event, ErrorEvent) else None
            await self._socket.send_text(_written(told))
        raise _Ends(_CODES.get(last.code, _OTHER) if last is not None else _OTHER)

    async def _look_again(self, who: SignedIn) -> None:
        """Another door, or another process, may have ended the sign-in, or deleted the thread."""
        while True:
            await asyncio.sleep(LOOK_AGAIN_S)
            try:
                holds = await still_in(self._context, who)
                await own_thread(self._context, who, self._thread_id)
            except ApiProblem as problem:
                if holds:
                    raise _Ends(4404, _told(problem, self._thread_id, None)) from None
            except (SQLAlchemyError, OSError):
                continue
            if not holds:
                raise _Ends(4401, ErrorEvent(code="signed_out", detail=SIGNED_OUT))

    async def _until_the_server_ends(self) -> None:
        await self._context.streams.until_end()
        raise _Ends(_GOING_AWAY)

    def _strings(self) -> Strings:
        return strings_in(language_for(self._socket.headers, self._context.study.definition.language))


async def _first_end(*works: Any) -> None:
    """Do several things at once, until the first of them ends."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        ended.pop().result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _close(socket: WebSocket, end: _Ends) -> None:
    if socket.application_state is not WebSocketState.CONNECTED:
        return
    try:
        # Who reads nothing is waited for no longer: the server ends what is open then.
        async with asyncio.timeout(CLOSED_WITHIN_S):
            if end.error is not None:
                await socket.send_text(end.error.model_dump_json())
            await socket.close(end.code)
    except (WebSocketDisconnect, RuntimeError, OSError) as error:
        log.info("socket_gone", error_type=type(error).__name__)


def _written(told: Placed) -> str:
    """An event, with its id in it. A place has no character that JSON would write otherwise."""
    return f'{told.event.model_dump_json()[:-1]},"id":"{told.place}"}}'


def _told(error: Exception, thread_id: str, ref: str | None, strings: Strings | None = None) -> ErrorEvent:
    """What a request would be answered with, as an event."""
    if isinstance(error, ApiProblem):
        code, detail = error.code, error.detail
    elif isinstance(error, HttpProblem):
        code, detail = error.text.replace(".", "_"), error.sentence(strings or strings_in("en"))
    elif isinstance(error, WriteRefused):
        code, detail = "not_found", "There is no such thing of yours."
    else:
        log.error("socket_failed", error_type=type(error).__name__)
        code, detail = "not_now", "The database does not answer just now. Try again in a minute."
    return ErrorEvent(thread_id=thread_id, code=code, detail=detail, ref=ref)
