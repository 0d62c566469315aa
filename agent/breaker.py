"""Circuit breakers: a server that fails again and again is left alone for a while.

One a server, for each process. The states are purgatory's: closed (all are let in), opened (nobody is), half
open (one is, to try). The clock is ours, for purgatory's is the wall's and cannot be turned by a test, and so
is the rule that only one at a time may try: purgatory would send everybody who waits.
"""

import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, cast

import structlog
from purgatory.domain.model import CLOSED, HALF_OPENED, OPENED, Context, HalfOpenedState

from agent.base import Agent, keeps_intents
from agent.context import ReplyContext, Utterance
from agent.events import Event, TextDelta, ThinkingDelta
from study.errors import AgentUnavailable

log = structlog.get_logger(__name__)

CIRCUIT_OPEN: Final = "circuit_open"
FAILURES: Final = 5
SECONDS: Final = 30.0
# What befalls one question, and says nothing of the server.
_OF_ONE_QUESTION: Final = frozenset({"empty_answer", "answer_missing"})


class CircuitOpen(AgentUnavailable):
    """The server was not asked: it has failed too often of late."""

    def __init__(self, server: str) -> None:
        super().__init__(f"{server} was not asked: it failed too often of late", error_type=CIRCUIT_OPEN)


@dataclass(frozen=True, slots=True)
class BreakerState:
    """How things stand with a server.

    Args:
        server: Its provider and address.
        is_open: Whether it is left alone, or tried by one alone.
        since: When that began; None while everybody is let in.
        failures: How often in a row it has failed by then.
        error_type: What was wrong the last time.
    """

    server: str
    is_open: bool
    since: datetime | None
    failures: int
    error_type: str | None


class Breaker:
    """One server's.

    Args:
        server: Its provider and address.
        failures: After how many failures in a row it opens.
        seconds: After how many one reply may try again.
        monotonic: A clock in seconds.
        now: The time.
        changed: Told when it has opened or closed.
    """

    def __init__(
        self,
        server: str,
        *,
        failures: int = FAILURES,
        seconds: float = SECONDS,
        monotonic: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        changed: Callable[[BreakerState], None] = lambda _state: None,
    ) -> None:
        self._context = Context(server, threshold=failures, ttl=cast(Any, float("inf")))
        self._seconds = seconds
        self._monotonic = monotonic
        self._now = now
        self._changed = changed
        self._opened = 0.0
        self._is_tried = False
        self.state = BreakerState(server, False, None, 0, None)

    @contextmanager
    def asking(self) -> Iterator["AskedServer"]:
        """A reply asks the server; how it ends says how the server does.

        Raises:
            CircuitOpen: It is left alone.
        """
        asking = self._let_in()
        try:
            yield asking
        except AgentUnavailable as error:
            if error.error_type in _OF_ONE_QUESTION:
                self._answered()
            else:
                self._failed(error)
            raise
        except Exception:
            # It refused this question, or the fault is ours: the server is there.
            self._answered()
            raise
        except BaseException:
            # Somebody pressed Stop: nothing is known, unless it had begun to speak.
            if asking.heard:
                self._answered()
            raise
        else:
            self._answered()
        finally:
            if asking.tries:
                self._is_tried = False

    def _let_in(self) -> "AskedServer":
        if self._context.state == OPENED and self._monotonic() >= self._opened + self._seconds:
            self._context.set_state(HalfOpenedState())
        tries = self._context.state == HALF_OPENED
        if self._context.state == OPENED or (tries and self._is_tried):
            raise CircuitOpen(self.state.server)
        self._is_tried = self._is_tried or tries
        return AskedServer(tries)

    def _failed(self, error: AgentUnavailable) -> None:
        before = self._context.state
        self._context.handle_exception(error)
        self._context.messages.clear()
        if self._context.state == OPENED and before != OPENED:
            self._opened = self._monotonic()
            if not self.state.is_open:
                failures = self._context.threshold
                self._tell(BreakerState(self.state.server, True, self._now(), failures, error.error_type))

    def _answered(self) -> None:
        self._context.handle_end_request()
        self._context.messages.clear()
        if self._context.state == CLOSED and self.state.is_open:
            self._tell(BreakerState(self.state.server, False, None, 0, None))

    def _tell(self, state: BreakerState) -> None:
        self.state = state
        log.warning("circuit_opened" if state.is_open else "circuit_closed", server=state.server)
        self._changed(state)


@dataclass(slots=True)
class AskedServer:
    """One reply's way to the server.

    Args:
        tries: Whether it is the one that tries.
        heard: Whether the server has said something.
    """

    tries: bool
    heard: bool = False


@dataclass
class Breakers:
    """Those of a process, by server.

    Args:
        failures: As for Breaker; 0 for none at all.
        seconds: As for Breaker.
        monotonic: As for Breaker.
        listeners: Told when one has opened or closed.
    """

    failures: int = FAILURES
    seconds: float = SECONDS
    monotonic: Callable[[], float] = time.monotonic
    listeners: list[Callable[[BreakerState], None]] = field(default_factory=list)
    _of: dict[str, Breaker] = field(default_factory=dict)

    @property
    def states(self) -> list[BreakerState]:
        """How things stand with each server."""
        return [breaker.state for breaker in self._of.values()]

    def guard(self, agent: Agent, server: str) -> Agent:
        """An agent that asks its server only while it is well."""
        if not self.failures:
            return agent
        if server not in self._of:
            self._of[server] = Breaker(
                server,
                failures=self.failures,
                seconds=self.seconds,
                monotonic=self.monotonic,
                changed=self._tell,
            )
        return GuardedAgent(agent, self._of[server])

    def _tell(self, state: BreakerState) -> None:
        for listener in self.listeners:
            listener(state)


class GuardedAgent:
    """An agent behind a breaker.

    Args:
        agent: Who answers.
        breaker: Of the server that it asks.
    """

    def __init__(self, agent: Agent, breaker: Breaker) -> None:
        self._agent = agent
        self._breaker = breaker
        self.name = agent.name
        self.kind = agent.kind
        self.keeps_intents = keeps_intents(agent)

    @property
    def unavailable_because(self) -> str | None:
        """Why it cannot answer; see agent/base.py."""
        return self._agent.unavailable_because

    async def reply(self, turns: Sequence[Utterance], context: ReplyContext) -> AsyncIterator[Event]:
        """Answer the last utterance; see agent/base.py."""
        with self._breaker.asking() as asking:
            events = cast(Any, self._agent.reply(turns, context))
            async with aclosing(events):
                async for event in events:
                    asking.heard = asking.heard or isinstance(event, TextDelta | ThinkingDelta)
                    yield event

    async def close(self) -> None:
        """Let go of connections."""
        await self._agent.close()
