"""How long an answer is waited for: so long without a word, and so long in all."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from study.errors import AgentUnavailable

T = TypeVar("T")


class Silence(TimeoutError):
    """No word came for too long."""


class TurnTimeout(AgentUnavailable):
    """The whole answer took too long, however many words came."""

    def __init__(self, turn_s: float) -> None:
        super().__init__(
            f"the answer was not over after {turn_s:g} seconds (VERBATIM_MODEL_TURN_S)",
            error_type="turn_timeout",
        )


class Patience:
    """The time that one answer has; made when it is asked for.

    Args:
        silence_s: The longest time without a word. Bytes that bring none, such as a server's signs of
            life, do not count.
        turn_s: The longest time in all.
    """

    def __init__(self, silence_s: float, turn_s: float) -> None:
        self._silence_s = silence_s
        self._turn_s = turn_s
        self._now = asyncio.get_running_loop().time
        self._end = self._now() + turn_s
        self._next = self._now() + silence_s

    def heard(self, at_most_s: float | None = None) -> None:
        """A word came, and its reader is ready for the next.

        Args:
            at_most_s: Of the next silence, when little is still to come.
        """
        wait = self._silence_s if at_most_s is None else min(at_most_s, self._silence_s)
        self._next = self._now() + wait

    async def wait(self, coming: Awaitable[T], for_s: float | None = None) -> T:
        """Wait for something.

        Args:
            coming: It.
            for_s: How long, instead of until the silence is too long.

        Raises:
            Silence: No word came for too long.
            TimeoutError: It did not come in `for_s`.
            TurnTimeout: The answer's whole time is over.
        """
        until = self._next if for_s is None else self._now() + for_s
        try:
            async with asyncio.timeout_at(min(until, self._end)) as limit:
                return await coming
        except TimeoutError as error:
            if limit.expired() and self._end <= until:
                raise TurnTimeout(self._turn_s) from error
            if limit.expired() and for_s is None:
                raise Silence("no word came for too long") from error
            raise
