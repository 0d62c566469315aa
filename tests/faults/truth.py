"""Whether /ready tells the truth: in five seconds that the database is away, afterwards that it is back."""

import asyncio
import time
from collections.abc import Collection
from typing import Final

import aiohttp

WITHIN_S: Final = 5.0
# A database that recovers from a kill, and a journal that is replayed to it.
BACK_WITHIN_S: Final = 45.0
_EVERY_S: Final = 0.25


class Truth:
    """Asks while the database is away.

    Args:
        url: The server's, or that of the proxy before several.
        found: Takes a sentence for each time that it was told too late.
    """

    def __init__(self, url: str, found: list[str]) -> None:
        self._url = f"{url}/api/v1/ready"
        self._found = found

    async def while_away(self, what: str, seconds: float) -> None:
        """Wait; the database is away from before until after that.

        Args:
            what: Has taken it away.
            seconds: For how long.
        """
        began = time.monotonic()
        # A proxy that finds none of its servers there says 502 or 503 itself.
        told = await self._until((502, 503), min(WITHIN_S, seconds))
        if not told and seconds >= WITHIN_S:
            self._found.append(f"/ready did not say within {WITHIN_S:g} s: {what}")
        await asyncio.sleep(max(0.0, began + seconds - time.monotonic()))

    async def when_back(self, what: str) -> None:
        """Wait until it says that all is well; the database is there again."""
        if not await self._until((200,), BACK_WITHIN_S):
            self._found.append(f"/ready did not say within {BACK_WITHIN_S:g} s that it is over: {what}")

    async def _until(self, statuses: Collection[int], seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds), aiohttp.ClientSession() as http:
                while await self._says(http) not in statuses:  # noqa: ASYNC110  # only asking tells
                    await asyncio.sleep(_EVERY_S)
        except TimeoutError:
            return False
        return True

    async def _says(self, http: aiohttp.ClientSession) -> int | None:
        try:
            async with http.get(self._url) as answer:
                return answer.status
        except aiohttp.ClientError:
            return None
