"""Server-sent events of a turn, and of a thread."""

from collections.abc import AsyncGenerator

from starlette.responses import Response

from api.caller import still_in
from api.context import ApiContext, SignedIn
from api.live.events import StatusEvent
from api.live.hub import LiveListener
from api.live.reading import LiveReading, Place, Placed
from api.turns import ApiTurns, made_id
from stages.spoken import Spoken
from web.pages import NOT_KEPT
from web.sse import written


async def stream_of(
    turns: ApiTurns,
    context: ApiContext,
    who: SignedIn,
    thread_id: str,
    content: str,
    key: str | None,
    files: tuple[str, ...] = (),
    agent: str | None = None,
) -> Response:
    """Say something, and answer with its turn as it happens."""
    message_id = made_id(who.participant_id, f"message {thread_id}", key)
    known = key is not None and await turns.said_already(thread_id, message_id, content) is not None
    if known:
        return resumed(context, who, thread_id, Place(message_id))
    await turns.check_may_speak(thread_id)
    files = await turns.attached(message_id, files)
    agent = agent or context.agents.default.name
    spoken = Spoken(thread_id, who.participant_id, message_id, content, agent, files=files)

    async def events() -> AsyncGenerator[str, None]:
        with context.live.listening(who.participant_id, thread_id) as listener:
            turns.say(spoken, listener)
            async for told in _reading(context, listener, Place(message_id)).go_on(message_id):
                yield _event(told)

    return _answer(context, who, events())


def resumed(context: ApiContext, who: SignedIn, thread_id: str, place: Place) -> Response:
    """Answer with the rest of a turn, from where its reader stopped."""

    async def events() -> AsyncGenerator[str, None]:
        with context.live.listening(who.participant_id, thread_id) as listener:
            reading = _reading(context, listener, place)
            async for told in reading.catch_up():
                yield _event(told)
            if not context.stage.under_way(thread_id):
                yield _event(Placed(str(place), await reading.done(place.message_id)))
                return
            async for told in reading.go_on(place.message_id):
                yield _event(told)

    return _answer(context, who, events())


def watched(context: ApiContext, who: SignedIn, thread_id: str, place: Place | None) -> Response:
    """Answer with all that happens in a thread, as long as somebody listens."""

    async def events() -> AsyncGenerator[str, None]:
        with context.live.listening(who.participant_id, thread_id) as listener:
            reading = _reading(context, listener, place or Place())
            state = "working" if context.stage.under_way(thread_id) else "idle"
            yield _event(Placed(str(place or Place()), StatusEvent(thread_id=thread_id, state=state)))
            async for told in reading.catch_up():
                yield _event(told)
            async for told in reading.go_on():
                yield _event(told)

    return _answer(context, who, events())


def _reading(context: ApiContext, listener: LiveListener, place: Place) -> LiveReading:
    return LiveReading(context.record.database, context.live, listener, place)


def _answer(context: ApiContext, who: SignedIn, events: AsyncGenerator[str, None]) -> Response:
    return context.streams.answer(events, lambda: still_in(context, who), dict(NOT_KEPT))


def _event(placed: Placed) -> str:
    return written(placed.event.event, placed.event.model_dump_json(), placed.place)
