"""Server-sent events of a turn, and of a thread."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from typing import Final, TypeAlias

import structlog
from starlette.responses import Response

from api.caller import still_in
from api.context import ApiContext, SignedIn
from api.live.events import ErrorEvent, StatusEvent
from api.live.hub import LiveListener, no_answer
from api.live.place import Place
from api.live.reading import LiveReading, Placed
from api.live.unanswered import what_is_left
from api.turns import ApiTurns, Work, made_id
from stages.chat.away import AWAY
from stages.spoken import Spoken
from web.pages import NOT_KEPT
from web.sse import written

log = structlog.get_logger(__name__)

# Waits until a turn has come so far that its answer can begin.
Begun: TypeAlias = Callable[[asyncio.Task[None]], Awaitable[None]]
NOT_NOW: Final = "The database does not answer just now. Come back in a minute with the last event's id."
# Characters; whoever reads slowly is waited for between two of them.
_LARGEST_PIECE: Final = 16_384


async def stream_of(
    turns: ApiTurns,
    context: ApiContext,
    who: SignedIn,
    thread_id: str,
    content: str,
    key: str | None,
    files: tuple[str, ...] = (),
    agent: str | None = None,
    message_id: str | None = None,
) -> Response:
    """Say something, and answer with its turn as it happens.

    Args:
        turns: Where it is said.
        context: What the API stands on.
        who: Who says it.
        thread_id: Where; a thread of theirs, or a new one.
        content: The words.
        key: The header Idempotency-Key.
        files: Uploads that come with it.
        agent: Who is to answer in a new thread.
        message_id: Under which id, where its reader knows it already.
    """
    message_id = message_id or made_id(who.participant_id, f"message {thread_id}", key)
    if key is not None and await turns.said_already(thread_id, message_id, content) is not None:
        return resumed(turns, context, who, thread_id, Place(message_id))
    await turns.check_may_speak(thread_id)
    files = await turns.attached(message_id, files)
    agent = agent or context.agents.default.name
    spoken = Spoken(thread_id, who.participant_id, message_id, content, agent, files=files)

    async def events() -> AsyncGenerator[str, None]:
        with turns.connected(thread_id) as listener:
            turns.say(spoken, listener)
            place = Place(message_id)
            reading = LiveReading(context.record.database, context.live, listener, place, message_id)
            async for told in _joined(reading.go_on(), listener):
                yield told

    return _answer(context, who, events())


async def acted(
    turns: ApiTurns, context: ApiContext, who: SignedIn, spoken: Spoken, work: Work, begun: Begun
) -> Response:
    """Do something with a message that stands, such as saying it otherwise, and answer with its turn.

    Args:
        turns: Where it is done.
        context: What the API stands on.
        who: Who does it.
        spoken: About which message.
        work: What the stage does.
        begun: Waits, given the turn, until it is done as far as its answer; what it raises is answered.

    Raises:
        ApiProblem: It is not done.
    """
    message_id = spoken.message_id

    async def events() -> AsyncGenerator[str, None]:
        with turns.connected(spoken.thread_id) as listener:
            place = Place(message_id)
            reading = LiveReading(context.record.database, context.live, listener, place, message_id)
            await reading.know_turn()
            await begun(turns.run(spoken, listener, work))
            yield ""
            async for text in _joined(reading.go_on(), listener):
                yield text

    telling = events()
    # The status of an answer goes out before its first event: what it depends on is waited for.
    await anext(telling)
    return _answer(context, who, telling)


def resumed(turns: ApiTurns, context: ApiContext, who: SignedIn, thread_id: str, place: Place) -> Response:
    """Answer with the rest of a turn, from where its reader stopped."""
    message_id = place.message_id

    async def events() -> AsyncGenerator[str, None]:
        with turns.connected(thread_id) as listener:
            live = context.live
            # Asked before anything is read: of a turn that goes on now, the end is told to this listener.
            ours = live.is_under_way((who.participant_id, thread_id), message_id)
            goes_on = ours or live.is_answered_now(thread_id, message_id)
            left = None if goes_on else await what_is_left(turns, thread_id)
            reading = LiveReading(context.record.database, live, listener, place, message_id)
            async for told in reading.catch_up(ended=not goes_on):
                yield _event(told)
            if left is not None and left.message_id == message_id:
                yield _event(reading.placed(no_answer(thread_id, left, turns.door.strings)))
            if not goes_on:
                yield _event(reading.placed(await reading.done(message_id)))
                return
            async for text in _joined(reading.go_on(until_idle=not ours), listener):
                yield text

    return _answer(context, who, events())


def watched(
    turns: ApiTurns, context: ApiContext, who: SignedIn, thread_id: str, place: Place | None, newest: str
) -> Response:
    """Answer with all that happens in a thread, as long as somebody listens.

    Args:
        turns: Where they came in.
        context: What the API stands on.
        who: Who listens.
        thread_id: To what.
        place: Where they were; None where they begin now.
        newest: The participant's last message as they begin; "" without one.
    """

    async def events() -> AsyncGenerator[str, None]:
        with turns.connected(thread_id) as listener:
            begin = place or Place(newest)
            reading = LiveReading(context.record.database, context.live, listener, begin)
            told = followed(turns, context, reading, thread_id, resumes=place is not None)
            async for text in _joined(told, listener):
                yield text

    return _answer(context, who, events())


async def followed(
    turns: ApiTurns, context: ApiContext, reading: LiveReading, thread_id: str, *, resumes: bool
) -> AsyncGenerator[Placed, None]:
    """All that happens in a thread, for who reads it over whatever.

    Args:
        turns: Where they came in.
        context: What the API stands on.
        reading: Theirs.
        thread_id: Which.
        resumes: They come back; else they begin with what grows now.
    """
    works = context.stage.under_way(thread_id)
    left = None if works else await what_is_left(turns, thread_id)
    yield reading.placed(StatusEvent(thread_id=thread_id, state="working" if works else "idle"))
    caught_up = reading.catch_up(ended=not works) if resumes else reading.begin()
    async for told in caught_up:
        yield told
    if left is not None and not left.is_new:
        yield reading.placed(no_answer(thread_id, left, turns.door.strings))
    async for told in reading.go_on():
        yield told


async def _joined(told: AsyncIterator[Placed], listener: LiveListener) -> AsyncGenerator[str, None]:
    """What is told, as much at once as is there: each piece costs the loop a round, and a send."""
    text = ""
    async for one in told:
        text += _event(one)
        if not listener.has_more or len(text) > _LARGEST_PIECE:
            yield text
            text = ""
    if text:
        yield text


async def _unless_away(events: AsyncGenerator[str, None]) -> AsyncGenerator[str, None]:
    """Events, until the database is away for who comes back: they come back once more."""
    try:
        async with aclosing(events):
            async for text in events:
                yield text
    except AWAY as error:
        log.error("stream_failed", error_type=type(error).__name__)
        away = ErrorEvent(code="not_now", detail=NOT_NOW)
        yield written(away.event, away.model_dump_json())


def _answer(context: ApiContext, who: SignedIn, events: AsyncGenerator[str, None]) -> Response:
    events = _unless_away(events)
    return context.streams.answer(events, lambda: still_in(context, who), dict(NOT_KEPT))


def _event(placed: Placed) -> str:
    return written(placed.event.event, placed.event.model_dump_json(), placed.place)
