"""What one answer may take, as the study says: it ends there, with what was said by then."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable
from contextlib import aclosing
from typing import Any, Final, cast

from agent.events import CallEnded, CallStarted, Event
from stages.chat.provenance import Pricing
from study.errors import AgentError
from study.limits import TurnLimits

TURN_LIMIT: Final = "turn_limit"


class TurnLimitReached(AgentError):
    """The answer has taken what the study allows it."""

    def __init__(self, what: str) -> None:
        super().__init__(f"the study's limit of an answer's {what} was reached", error_type=TURN_LIMIT)


class TurnBudget:
    """What is left to one answer, whoever gives it; made when it begins.

    Args:
        limits: As the study says.
        pricing: Costs of a call.
    """

    def __init__(self, limits: TurnLimits, pricing: Pricing) -> None:
        self._limits = limits
        self._pricing = pricing
        self._tokens = 0
        self._cost = 0.0
        self._model = ""
        now = asyncio.get_running_loop().time
        self._end = None if limits.seconds is None else now() + limits.seconds

    def within(self, events: AsyncIterator[Event]) -> AsyncIterator[Event]:
        """The events of a reply, until a further call would go beyond the limit."""
        if self._limits.tokens is None and self._limits.cost is None:
            return events
        return self._counted(events)

    async def in_time(self, work: Awaitable[None]) -> None:
        """Wait for a reply, as long as it may take.

        Raises:
            TurnLimitReached: It took longer.
        """
        if self._end is None:
            await work
            return
        try:
            async with asyncio.timeout_at(self._end) as limit:
                await work
        except TimeoutError as error:
            if limit.expired():
                raise TurnLimitReached("seconds") from error
            raise

    async def _counted(self, events: AsyncIterator[Event]) -> AsyncGenerator[Event]:
        async with aclosing(cast(Any, events)) as source:
            async for event in source:
                if isinstance(event, CallStarted):
                    # Before the server is asked: an agent goes on when its event was taken.
                    self._complain()
                    self._model = event.model
                elif isinstance(event, CallEnded):
                    self._count(event)
                yield event

    def _count(self, call: CallEnded) -> None:
        counts = (call.usage.input_tokens, call.usage.output_tokens)
        self._tokens += sum(count for count in counts if isinstance(count, int))
        priced = self._pricing(call.usage, call.response_model, self._model)
        self._cost += priced[0] if priced else 0.0

    def _complain(self) -> None:
        if self._limits.tokens is not None and self._tokens >= self._limits.tokens:
            raise TurnLimitReached("tokens")
        if self._limits.cost is not None and self._cost >= self._limits.cost:
            raise TurnLimitReached("cost")
