"""Where a page leads: requests of a browser that walks a protocol, made again while the server is away."""

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp

from simulation.browser import BEHIND_A_PROXY, Browser
from simulation.conversation import PAUSE_S
from simulation.protocol.reading import ReadPage, read_page
from study.errors import SimulationError
from study.text import beginning

STUDY: Final = "study"
_MOST_LED: Final = 8  # a browser follows twenty; ours leads two or three
_TOO_SOON: Final = 429

Hear = Callable[[str, str], None]


@dataclass
class PlaceSeen:
    """Where somebody stands.

    Args:
        page: The page; None in a chat, and for who is signed out.
        thread_id: Of the chat.
        is_out: Whether they are signed out.
    """

    page: ReadPage | None = None
    thread_id: str = ""
    is_out: bool = False


class Doorway:
    """The pages of one participant.

    Args:
        browser: Theirs, signed in or about to be.
        patience_s: How long the server may be away.
        hear: Called with the place and all that came from it, page after page.
    """

    def __init__(self, browser: Browser, patience_s: float, hear: Hear) -> None:
        self._browser = browser
        self._patience_s = patience_s
        self._hear = hear
        self.again = 0

    async def enter(self, path: str) -> None:
        """Come in by a personal link, or by the name where the path is empty."""
        if not path:
            await self.insist(self._browser.log_in, "the log-in")
            return
        await self._follow(path)
        if not len(self._browser.http.cookie_jar):
            raise SimulationError(f"{self._browser.name}: the link {path} brought no cookie")

    async def look(self) -> PlaceSeen:
        """Open the page of where they stand."""
        return await self._follow(STUDY)

    async def send(self, fields: Sequence[tuple[str, str]], *, insist: bool = True) -> PlaceSeen:
        """Send a page. Where the server went away meanwhile, look first: it may have been kept.

        Args:
            fields: Of its form.
            insist: Whether it is sent again until it arrived.
        """
        while True:
            answer = await self._once("POST", STUDY, fields)
            if answer is not None:
                return await self._led(*answer)
            self.again += 1
            here = await self.look()
            was = dict(fields).get("visit")
            # In a chat no page says which visit it is; one that is over takes nothing.
            has_moved = here.page is not None and here.page.visit != was
            if not insist or here.is_out or has_moved:
                return here

    async def where(self) -> Mapping[str, Any]:
        """What the chat's page asks: which visit it is, and what lacks to go on."""
        found: dict[str, Any] = {}

        async def ask() -> None:
            async with self._browser.http.get("me/study") as answer:
                text = await answer.text()
                self._hear("me/study", text)
                if answer.status in BEHIND_A_PROXY:
                    raise OSError(f"GET /me/study answered {answer.status}")
                if answer.status == 200:
                    found.update(await answer.json())

        await self.insist(ask, "where they stand")
        return found

    async def _follow(self, path: str) -> PlaceSeen:
        return await self._led(*await self._reach(path))

    async def _reach(self, path: str) -> tuple[str, str]:
        answer = None

        async def ask() -> None:
            nonlocal answer
            answer = await self._once("GET", path)
            if answer is None:
                raise OSError("the server is away")

        await self.insist(ask, f"/{path}")
        assert answer is not None
        return answer

    async def _led(self, location: str, text: str) -> PlaceSeen:
        """Where an answer leads in the end."""
        for _ in range(_MOST_LED):
            if not location:
                return PlaceSeen(read_page(text))
            parts = urlsplit(location)
            path = parts.path.lstrip("/")
            if path.startswith("thread/"):
                return PlaceSeen(thread_id=path.removeprefix("thread/"))
            if path.startswith(("login", "withdrawn")):
                return PlaceSeen(is_out=True)
            path = path or STUDY  # the chat's page leads where they stand
            location, text = await self._reach(f"{path}?{parts.query}" if parts.query else path)
        raise SimulationError(f"{self._browser.name}: was led round and round, last to {location}")

    async def _once(
        self, method: str, path: str, fields: Sequence[tuple[str, str]] | None = None
    ) -> tuple[str, str] | None:
        """Where an answer leads, and its page; None while the server is away."""
        try:
            async with self._browser.http.request(
                method, path, data=list(fields) if fields is not None else None, allow_redirects=False
            ) as answer:
                text = await answer.text()
                self._hear(path, text)
                if answer.status in BEHIND_A_PROXY or answer.status == _TOO_SOON:
                    return None
                if answer.status in (302, 303, 307):
                    return answer.headers["Location"], ""
                if answer.status != 200:
                    said = f"{method} /{path} answered {answer.status}: {beginning(text, 200)}"
                    raise SimulationError(f"{self._browser.name}: {said}")
                return "", text
        except (aiohttp.ClientError, OSError):
            return None

    async def insist(self, step: Callable[[], Any], what: str) -> None:
        """Do it again while the server is away, as somebody who presses reload does.

        Args:
            step: What is done.
            what: For the error.

        Raises:
            SimulationError: The patience is over.
        """
        try:
            async with asyncio.timeout(self._patience_s):
                while True:
                    try:
                        await step()
                        return
                    except (aiohttp.ClientError, OSError):
                        self.again += 1
                    await asyncio.sleep(random.uniform(*PAUSE_S))  # noqa: S311 - no secret hangs on it
        except TimeoutError:
            raise SimulationError(f"{self._browser.name}: waited {self._patience_s:g} s for {what}") from None
