"""What a participant says over the API, on its way to the chat stage: by the page's own rules."""

import asyncio
import hashlib
import uuid
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import structlog

from api.context import ApiContext, SignedIn
from api.live.events import ErrorEvent
from api.live.hub import SIGNED_OUT, LiveListener, LiveScreen, TurnEnded
from api.pace import check_pace
from api.problem import ApiProblem
from data_layer.conversations import threads
from data_layer.database.rows import Row
from stages.screen import Screen
from stages.spoken import Spoken
from stages.stop_pressed import keep_stop
from study.strings import Strings
from study.text import is_blank, storable
from study.vocabulary import StudyState, Transport
from web.background import later

log = structlog.get_logger(__name__)

# What the chat stage does with what was said, on a screen.
Work: TypeAlias = Callable[[Spoken, Screen], Awaitable[Any]]


@dataclass(frozen=True)
class TurnOrigin:
    """Where a turn came in: what it needs of the request that began it.

    Args:
        who: Whose turn.
        strings: In their language.
        transport: How they came: study.vocabulary.Transport.
        user_agent: What they call themselves.
    """

    who: SignedIn
    strings: Strings
    transport: Transport
    user_agent: str = ""


class ApiTurns:
    """Begins turns, and sees them to their end whoever still listens.

    Args:
        context: What the API stands on.
        door: Where they came in.
    """

    def __init__(self, context: ApiContext, door: TurnOrigin) -> None:
        self.context = context
        self.door = door
        self.connection_id: str | None = None

    @contextmanager
    def connected(self, thread_id: str) -> Iterator[LiveListener]:
        """Listen to a thread while this way in is open, and its sign-in holds; it is kept that it was."""
        who = self.door.who
        with (
            self._kept(thread_id),
            self.context.live.listening(who.participant_id, thread_id, who.sign_in_id) as listener,
        ):
            if who.until is None:
                yield listener
                return
            left_s = (who.until - self.context.record.now()).total_seconds()
            loop = asyncio.get_running_loop()
            end = loop.call_later(max(0.0, left_s), listener.end, "signed_out", SIGNED_OUT)
            try:
                yield listener
            finally:
                end.cancel()

    @contextmanager
    def _kept(self, thread_id: str) -> Iterator[None]:
        """A row of `connections`, which what is said meanwhile names."""
        connections, way = self.context.record.connections, f"api:{uuid.uuid4()}"
        connections.opened(
            way,
            session_id=way,
            participant_id=self.door.who.participant_id,
            thread_id=thread_id,
            user_agent=self.door.user_agent,
            transport=self.door.transport,
        )
        self.connection_id = connections.id_of(way)
        try:
            yield
        finally:
            self.connection_id = None
            connections.closed(way, "answered" if self.door.transport is Transport.REST else "closed")

    def screen(self, thread_id: str, asking: LiveListener | None = None) -> Screen:
        """A screen of all who look at a thread, by whichever door."""
        room = (self.door.who.participant_id, thread_id)
        own = LiveScreen(self.context.live, room, self.door.strings, asking)
        return self.context.stage.audiences.shared(own, self.context.live, *room)

    async def check_may_speak(self, thread_id: str) -> None:
        """See that a participant may say something now.

        Raises:
            ApiProblem: The study has ended, a limit is reached, or this is too fast.
        """
        context, who = self.context, self.door.who
        if context.record.controls.known is StudyState.ENDED:
            raise ApiProblem(403, "study_ended", self.door.strings("closing.ended"))
        if not await context.stage.is_here(who.participant_id, thread_id):
            raise ApiProblem(403, "not_here", self.door.strings("chat.not_here"))
        if context.stage.limits.asks:
            left = await context.stage.limits.left(thread_id, who.participant_id)
            if left.over is not None:
                raise ApiProblem(403, "limit_reached", self.door.strings(f"page.limits_{left.over}"))
        self.check_pace()

    def check_pace(self) -> None:
        """See that a participant has agents answer no faster than they may.

        Raises:
            ApiProblem: They do.
        """
        too_fast = self.door.strings("chat.too_fast", seconds="{seconds}")
        check_pace(self.context, self.door.who, self.context.spoken, too_fast, refused="api message")

    def check_turning(self) -> None:
        """See that a participant changes what stands, without having agents answer, no faster than they may.

        Raises:
            ApiProblem: They do.
        """
        check_pace(self.context, self.door.who, self.context.turned, self.door.strings("asked.too_fast"))

    async def stop(self, thread_id: str) -> bool:
        """Stop the reply that is being given in a participant's thread; that they did is kept.

        Returns:
            Whether there was one; where another process gives it, that one is asked to stop it.

        Raises:
            ApiProblem: They stop things too often.
            SQLAlchemyError: The database is away.
        """
        self.check_turning()
        record = self.context.record
        given_elsewhere = record.hints.others and await threads.is_answered_now(
            record.database, thread_id=thread_id
        )
        stopped = self.context.stage.stop(thread_id) or given_elsewhere
        whose = self.door.who.participant_id
        keep_stop(self.context.record, stopped, thread_id, whose, self.connection_id)
        return stopped

    async def said_already(self, thread_id: str, message_id: str, content: str) -> Row | None:
        """A message that was sent before under the same key; None where it was not.

        Raises:
            ApiProblem: The key was used for other words.
        """
        row = await threads.step_row(self.context.record.database, message_id)
        if row is None:
            return None
        if row["thread_id"] != thread_id or (row["revision"] == 1 and row["output"] != storable(content)):
            raise ApiProblem(
                422, "key_used", "This Idempotency-Key was used for another message. Take a new one."
            )
        return row

    async def attached(self, message_id: str, files: tuple[str, ...]) -> tuple[str, ...]:
        """The uploads that come with a message: those that are its participant's.

        Raises:
            WriteRefused: They are more than a message may have.
        """
        if not files:
            return ()
        known = await self.context.stage.files.known(self.door.who.participant_id, message_id, list(files))
        if len(known) != len(set(files)):
            raise ApiProblem(
                422, "no_such_file", "Upload the files first: POST /uploads.", field="body.files"
            )
        return known

    async def until_ended(self, listener: LiveListener, message_id: str) -> None:
        """Wait for the end of a turn that another request began."""
        while (told := await listener.next()) is not None:
            if isinstance(told, TurnEnded) and told.message_id == message_id:
                return

    def say(self, spoken: Spoken, asking: LiveListener) -> asyncio.Task[None]:
        """Say something, and have it answered."""
        return self.run(spoken, asking, self.context.stage.hear)

    def run(
        self, spoken: Spoken, asking: LiveListener, work: Work, *, about: str | None = ""
    ) -> asyncio.Task[None]:
        """Run a turn as a task of its own: it goes on when its reader has gone.

        Args:
            spoken: Whose, where, and about which message.
            asking: Who is told what is for who asked alone.
            work: What the chat stage does with it, on a screen.
            about: The participant's message that it is about, where that is another; None for none.
        """
        spoken = replace(spoken, connection_id=self.connection_id)
        about = spoken.message_id if about == "" else about
        task = asyncio.get_running_loop().create_task(self._turn(spoken, asking, work, about))
        later(_seen_to_the_end(task))
        return task

    async def _turn(self, spoken: Spoken, asking: LiveListener, work: Work, about: str | None) -> None:
        live, stage = self.context.live, self.context.stage
        screen = self.screen(spoken.thread_id, asking)
        with live.turn((spoken.participant_id, spoken.thread_id), about or ""):
            await screen.busy(True)
            try:
                await work(spoken, screen)
            except Exception as error:  # Whatever it is: who asked must not wait for nothing.
                log.exception("turn_failed", error_type=type(error).__name__)
                detail = self.door.strings("page.failed")
                asking.tell(
                    ErrorEvent(
                        thread_id=spoken.thread_id,
                        code="failed",
                        detail=detail,
                        message_id=about,
                    )
                )
            finally:
                live.tell((spoken.participant_id, spoken.thread_id), TurnEnded(about))
        if not stage.under_way(spoken.thread_id):
            await screen.busy(False)


async def _seen_to_the_end(task: asyncio.Task[None]) -> None:
    """Hold a turn until it is done: the loop itself holds tasks only weakly."""
    await asyncio.wait({task})


def check_pace_of_openings(context: ApiContext, who: SignedIn) -> None:
    """See that a participant does not open streams or sockets one after the other.

    Raises:
        ApiProblem: They do.
    """
    too_fast = "Too many streams in a short time. Wait {seconds} seconds, and keep one open."
    check_pace(context, who, context.opened, too_fast, refused="api stream")


def check_words(content: str) -> None:
    """See that a message says something.

    Raises:
        ApiProblem: It does not.
    """
    if is_blank(content):
        raise ApiProblem(422, "empty", "Say something: content is empty.", field="body.content")


def made_id(participant_id: str, what: str, key: str | None) -> str:
    """An id for something new: the same one each time for the same key, which is why nothing is made twice.

    Args:
        participant_id: Whose key it is: keys of others are other keys.
        what: Which kind of thing, and where.
        key: The header Idempotency-Key; None for a random id.
    """
    if key is None:
        return str(uuid.uuid4())
    digest = hashlib.sha256(f"{participant_id}\n{what}\n{key}".encode()).digest()
    return str(uuid.UUID(bytes=digest[:16], version=4))
