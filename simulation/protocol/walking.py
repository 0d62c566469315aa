"""One simulated participant who walks a whole protocol over the real pages."""

import asyncio
from collections.abc import Callable, Mapping
from random import Random
from typing import Any, Final
from uuid import UUID, uuid4

import aiohttp

from simulation.browser import Browser, Door
from simulation.conversation import Conversation
from simulation.lines import ScriptLine
from simulation.protocol.answering import Fields, filled_in
from simulation.protocol.doorway import Doorway, Hear, PlaceSeen
from simulation.protocol.journal import StageSeen, WalkJournal
from simulation.protocol.reading import ReadPage
from simulation.protocol.stand_in import DEAD
from simulation.protocol.tempers import StudyReader, Temper
from study.errors import SimulationError

_MOST_TRIES: Final = 8
_MOST_TURNS: Final = 60
_MORE_S: Final = 0.3  # a wait is over by the server's clock, not by ours
# After so long without an answer somebody takes the model for dead, and goes.
_DEAD_AFTER_S: Final = 8.0
_LINES: Final = (
    "I have not decided yet. What would you say?",
    "That may be so, but who pays for it in the end?",
    "I know somebody for whom that would change a lot.",
    "Could you tell me more about that?",
    "I see it a little differently now.",
    "What speaks against it?",
)


class ProtocolWalk:
    """Somebody on the way.

    Args:
        name: Under which they come in.
        path: Of their personal link; "" to come in by the name.
        door: Of the server.
        temper: Theirs.
        reader: What a careful one knows.
        patience_s: How long anything may take.
        moved: Called after each page.
        hear: Called with the place and all that came from it.
    """

    def __init__(
        self,
        name: str,
        path: str,
        door: Door,
        temper: Temper,
        reader: StudyReader,
        *,
        patience_s: float,
        moved: Callable[[], None] = lambda: None,
        hear: Hear = lambda _place, _text: None,
    ) -> None:
        self.journal = WalkJournal(name, temper)
        self._path = path
        self._door = door
        self._temper = temper
        self._reader = reader
        self._patience_s = patience_s
        self._moved = moved
        self._hear = hear
        self._chance = Random(f"{name} {temper}")  # noqa: S311 - no secret hangs on it
        self._leaves_at = self._chance.randrange(6) if temper is Temper.GONE else None

    async def walk(self) -> WalkJournal:
        """Go through all of it; what goes wrong goes into the journal."""
        journal = self.journal
        async with Browser(self._door, journal.name) as browser:
            pages = Doorway(browser, self._patience_s, self._hear)
            try:
                await pages.enter(self._path)
                await self._walk(pages, browser)
            except SimulationError as error:
                journal.complaints.append(str(error))
            except (aiohttp.ClientError, OSError, ValueError, KeyError) as error:
                journal.complaints.append(f"{journal.name}: {type(error).__name__}: {error}")
            journal.again += pages.again
        return journal

    async def _walk(self, pages: Doorway, browser: Browser) -> None:
        journal = self.journal
        for _ in range(self._reader.visits):
            here = await pages.look()
            self._moved()
            if here.is_out:
                journal.is_out = True
                return
            if here.page is not None and not here.page.form:
                await self._end(pages, here.page)
                return
            if self._leaves_at is not None and len(journal.visits) >= self._leaves_at:
                journal.has_left = True
                return
            step = self._answer(pages, here.page) if here.page else self._talk(pages, browser, here)
            if not await step:
                journal.has_left = True
                return
        journal.complaints.append(f"{journal.name}: walked {self._reader.visits} pages without an end")

    async def _end(self, pages: Doorway, page: ReadPage) -> None:
        """The page of an ending; it stays when it is loaded again."""
        self.journal.has_ended = True
        self.journal.code = page.code
        again = await pages.look()
        if again.page is None or again.page.form or again.page.code != page.code:
            self._complain("an ending opened again when its page was loaded a second time")

    async def _answer(self, pages: Doorway, page: ReadPage) -> bool:
        seen = StageSeen(page.stage, page.visit, len(page.words.split()))
        self.journal.visits.append(seen)
        for tries in range(_MOST_TRIES):
            if page.seconds and (tries > 0 or self._temper is not Temper.HASTY):
                await asyncio.sleep(page.seconds + _MORE_S)
            fields = filled_in(page, self._temper, self._reader.answers, self._chance, tries)
            after = await self._send(pages, fields)
            if after.page is None or after.page.visit != seen.visit:
                seen.sent = fields
                await self._look_back(pages, seen, fields)
                return True
            seen.refusals += 1
            page = after.page
        self._complain(f"{seen.stage}: no answer was taken in {_MOST_TRIES} tries ({'; '.join(page.flaws)})")
        return False

    async def _send(self, pages: Doorway, fields: Fields) -> PlaceSeen:
        """Send a page; of two tabs each sends it, at once."""
        if self._temper is not Temper.TWO_TABS:
            return await pages.send(fields)
        first, second = await asyncio.gather(pages.send(fields), pages.send(fields, insist=False))
        if _place(first) != _place(second):
            # One of them may have been on its way when the other arrived: it shows where they stand by now.
            first = await pages.look()
        return first

    async def _look_back(self, pages: Doorway, seen: StageSeen, fields: Fields) -> None:
        """Go back and send the page once more: nothing moves."""
        if self._temper is not Temper.BACK:
            return
        before = await pages.look()
        if before.is_out or (before.page is not None and not before.page.form):
            return
        after = await pages.send(fields, insist=False)
        if _place(before) != _place(await pages.look()):
            self._complain(
                f"{seen.stage}: sent again after going back, it led from {_place(before)} to {_place(after)}"
            )

    async def _talk(self, pages: Doorway, browser: Browser, here: PlaceSeen) -> bool:
        where = await pages.where()
        seen = StageSeen("chat", str(where.get("visit", "")), thread_id=here.thread_id)
        self.journal.visits.append(seen)
        session_id = str(uuid4())
        await pages.insist(lambda: browser.open_page(session_id), "the chat's page")
        dead = self._temper is Temper.DEAD_MODEL
        conversation = Conversation(
            browser,
            thread_id=here.thread_id,
            session_id=session_id,
            patience_s=_DEAD_AFTER_S if dead else self._patience_s,
        )
        try:
            await conversation.open()
            while where.get("thread_id") == here.thread_id:
                lacking = int(where.get("turns_lacking", 0)), float(where.get("seconds_lacking", 0))
                if seen.turns >= self._reader.turns and not any(lacking):
                    break
                if seen.turns >= _MOST_TURNS:
                    self._complain(f"the chat asked for more than {_MOST_TURNS} turns")
                    return False
                if self._temper is Temper.HASTY and lacking[0] > 0 and not seen.turns:
                    await self._try_early(pages, where, here)
                if lacking[0] > 0 or seen.turns < self._reader.turns:
                    await self._say(conversation, seen)
                else:
                    await asyncio.sleep(min(lacking[1], 5.0))
                where = await pages.where()
        except SimulationError:
            if not dead:
                raise
            return (await pages.look()).thread_id != here.thread_id
        finally:
            await conversation.close()
            self._keep(conversation, seen)
        fields = [("visit", str(where["visit"]))]
        after = await pages.send(fields)
        if after.thread_id == here.thread_id:
            self._complain("the chat did not let them go on, though nothing lacked")
            return False
        await self._look_back(pages, seen, fields)
        return True

    async def _say(self, conversation: Conversation, seen: StageSeen) -> None:
        words = _LINES[seen.turns % len(_LINES)]
        if self._temper is Temper.HASTY:
            words = "ok"
        if self._temper is Temper.DEAD_MODEL:
            words = f"{words} {DEAD}"
        line = ScriptLine(str(UUID(int=self._chance.getrandbits(128), version=4)), words)
        await conversation.say(line)
        seen.turns += 1
        seen.said.append((line.message_id, words))

    async def _try_early(self, pages: Doorway, where: Mapping[str, Any], here: PlaceSeen) -> None:
        """Press the way on before it is open."""
        after = await pages.send([("visit", str(where["visit"]))], insist=False)
        if after.thread_id != here.thread_id:
            self._complain("the chat could be left before its least was reached")

    def _keep(self, conversation: Conversation, seen: StageSeen) -> None:
        self.journal.again += conversation.tally.reconnects
        self.journal.complaints += conversation.tally.faults
        for shown in conversation.screen.seen():
            seen.words += len(shown.output.split())
            self._hear("chat", f"{shown.name} {shown.input} {shown.output}")

    def _complain(self, what: str) -> None:
        self.journal.complaints.append(f"{self.journal.name} ({self._temper}): {what}")


def _place(here: PlaceSeen) -> str:
    """A word for where somebody stands."""
    if here.page is not None:
        return f"{here.page.stage or 'an ending'} {here.page.visit}".strip()
    return here.thread_id or "outside"
