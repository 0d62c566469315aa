"""Saying a text a few words at a time, as a model would."""

import asyncio
import re
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Final

from agent.events import TextDelta

# A word with the white space before it; at the end, the white space after it. Joined, they are the text.
_WORD: Final = re.compile(r"\s*\S+(?:\s+\Z)?|\s+\Z")


async def paced(
    text: str,
    *,
    words: int,
    delay_ms: int,
    clock: Callable[[], float] | None = None,
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
) -> AsyncGenerator[TextDelta, None]:
    """Yield a text as a model would: a few words at a time.

    Args:
        text: What is said. The deltas joined are this text, byte for byte.
        words: How many words a delta has.
        delay_ms: The pause before each delta, the first one too. It is kept on the clock and not
            after the work in between: a busy event loop does not make the speaker slower.
        clock: Seconds; the event loop's by default.
        sleep: Waits for some of these seconds.

    Yields:
        The deltas.
    """
    pieces = _WORD.findall(text)
    now = clock or asyncio.get_running_loop().time
    began = now()
    for number, first in enumerate(range(0, len(pieces), words), start=1):
        if delay_ms:
            await sleep(max(0.0, began + number * delay_ms / 1000 - now()))
        yield TextDelta("".join(pieces[first : first + words]))
