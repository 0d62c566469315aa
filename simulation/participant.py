"""One simulated participant: logs in, opens the page, and speaks dialogs, each in its own thread."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from uuid import uuid4

import aiohttp

from simulation.browser import Browser, Door
from simulation.conversation import PAUSE_S, Conversation
from simulation.habits import MOST_IN_A_ROW, NONE, Habits, Hand
from simulation.lines import FormLine, ScriptLine
from simulation.report import Report, SimulatedForm, Turn
from study.errors import SimulationError
from study.pace import OPENED, SPOKEN, RateLimiter


@dataclass(frozen=True)
class ParticipantScript:
    """What is to be said in one thread.

    Args:
        thread_id: The thread's id, or empty to take the server's.
        lines: (message id, text, whether words are expected in reply), in order.
    """

    thread_id: str
    lines: Sequence[tuple[str, str, bool]]


@dataclass(frozen=True)
class Manner:
    """How participants go about it.

    Args:
        think_time_s: The pause before each line, the first one too.
        patience_s: How long one line may take.
        recover: Whether to come back after a lost connection.
        profile: The agent's name, or empty for the default one.
        habits: What is done about forms and offers.
        spoken: How many messages one of them sends at once, and how many a second after that.
        opened: The same of pages.
    """

    think_time_s: float = 0.0
    patience_s: float = 120.0
    recover: bool = True
    profile: str = ""
    habits: Habits = NONE
    # One less at once than the page takes: what is sent in time may arrive a little closer together.
    spoken: tuple[int, float] = (SPOKEN[0] - 1, SPOKEN[1])
    opened: tuple[int, float] = (OPENED[0] - 1, OPENED[1])


class SimulatedParticipant:
    """A name, a browser, and the scripts that it speaks."""

    def __init__(
        self,
        name: str,
        door: Door,
        scripts: Sequence[ParticipantScript],
        manner: Manner,
        report: Report,
        said: Callable[[], None],
    ) -> None:
        self.name = name
        self._door = door
        self._scripts = scripts
        self._manner = manner
        self._report = report
        self._said = said
        self._speaking = RateLimiter(*manner.spoken)
        self._opening = RateLimiter(*manner.opened)

    async def take_part(self, begin_after_s: float, began_at: float) -> None:
        """Do everything that a participant does; what goes wrong goes into the report.

        Args:
            begin_after_s: A pause before the log-in, by which arrivals are spread.
            began_at: The simulation's zero, on the performance counter.
        """
        await asyncio.sleep(begin_after_s)
        async with Browser(self._door, self.name) as browser:
            try:
                await self._insist(browser.log_in, "the log-in")
                for script in self._scripts:
                    await self._speak(browser, script, began_at)
            except SimulationError as error:
                self._report.errors.append(str(error))
            except (aiohttp.ClientError, OSError, ValueError) as error:
                self._report.errors.append(f"{self.name}: {type(error).__name__}: {error}")
            finally:
                self._report.logins_s.extend(browser.waits.logins)
                self._report.reads_s.extend(browser.waits.reads)

    async def _insist(self, step: Callable[[], Awaitable[None]], what: str) -> None:
        """Do it again while the server is away, as somebody who presses reload does."""
        try:
            async with asyncio.timeout(self._manner.patience_s):
                while True:
                    try:
                        return await step()
                    except (aiohttp.ClientError, OSError):
                        if not self._manner.recover:
                            raise
                    await asyncio.sleep(random.uniform(*PAUSE_S))  # noqa: S311 - no secret hangs on it
        except TimeoutError:
            raise SimulationError(f"{self.name}: waited {self._manner.patience_s:g} s for {what}") from None

    async def _speak(self, browser: Browser, script: ParticipantScript, began_at: float) -> None:
        session_id = str(uuid4())
        await self._insist(lambda: browser.open_page(session_id), "the page's reads")
        conversation = Conversation(
            browser,
            thread_id=script.thread_id,
            session_id=session_id,
            profile=self._manner.profile,
            patience_s=self._manner.patience_s,
            recover=self._manner.recover,
        )
        try:
            await self._in_time(self._opening)
            await conversation.open()
            hand = Hand(conversation, browser, self._manner.habits)
            for message_id, text, answered in script.lines:
                await self._think(hand)
                line = ScriptLine(message_id, text, answered)
                sent = await self._say(conversation, hand.instead(line))
                if isinstance(sent, FormLine) and sent.closed:
                    sent = await self._say(conversation, line)
                self._note(conversation, sent, began_at)
            for _ in range(MOST_IN_A_ROW):
                if (form := hand.form()) is None:
                    break
                await self._think(hand)
                await self._say(conversation, form)
            await self._answer_offer(hand)
        finally:
            await conversation.close()
            self._collect(conversation)

    async def _think(self, hand: Hand) -> None:
        """Wait, and answer what was offered meanwhile: what is left for long is asked about."""
        if self._manner.think_time_s:
            await asyncio.sleep(self._manner.think_time_s)
        await self._answer_offer(hand)

    async def _answer_offer(self, hand: Hand) -> None:
        goes_on = await hand.answer_offer()
        if goes_on is not None:
            self._report.offers.append(goes_on)

    async def _say(self, conversation: Conversation, line: ScriptLine) -> ScriptLine:
        await self._in_time(self._speaking)
        await conversation.say(line)
        if isinstance(line, FormLine) and not line.closed:
            values = dict(line.values or {})
            sent = SimulatedForm(conversation.name, line.form_id, line.message_id, values, line.refusals)
            self._report.forms.append(sent)
        return line

    async def _in_time(self, pace: RateLimiter) -> None:
        """Wait until the page would take one more."""
        while not pace.allows(self.name):
            wait_s = pace.wait_s(self.name)
            self._report.held_back_s += wait_s
            await asyncio.sleep(wait_s)

    def _note(self, conversation: Conversation, line: ScriptLine, began_at: float) -> None:
        first = None if line.first_token_at is None else line.first_token_at - line.sent_at
        self._report.turns.append(
            Turn(
                participant=self.name,
                thread_id=conversation.name,
                message_id=line.message_id,
                sent_at=line.sent_at - began_at,
                first_token_s=first,
                reply_s=time.perf_counter() - line.sent_at,
                clean=line.clean,
            )
        )
        self._said()

    def _collect(self, conversation: Conversation) -> None:
        report, tally = self._report, conversation.tally
        report.seen[conversation.name] = conversation.screen.seen()
        report.owners[conversation.name] = self.name
        report.reconnects += tally.reconnects
        report.sent_again += tally.sent_again
        report.asked_again += tally.asked_again
        report.opens_s.extend(tally.opens_s)
        report.faults.extend(tally.faults)
