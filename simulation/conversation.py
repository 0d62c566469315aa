"""One thread as its participant lives it: say something, wait for the reply, come back when cut off."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import uuid4

import aiohttp

from simulation.browser import Browser
from simulation.connection import Connection, ConnectionLost
from simulation.lines import MOST_REFUSALS, FormLine, ScriptLine
from simulation.memory import Memory
from simulation.screen import SimulatedScreen
from study.errors import SimulationError
from study.text import beginning
from study.vocabulary import FormState, StepType

RETRY: Final = "retry"
MOST_RETRIES: Final = 20

# A press that changed nothing is made again after so long.
AGAIN_S: Final = (1.0, 2.0)
# A page tries again after 1 s and then more seldom; a restart in a test should not cost so much.
PAUSE_S: Final = (0.1, 0.5)


@dataclass
class Tally:
    """What happened to this thread on the way."""

    reconnects: int = 0
    sent_again: int = 0
    asked_again: int = 0
    opens_s: list[float] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


class Conversation:
    """One thread on one page load.

    Args:
        browser: A participant who is logged in.
        thread_id: A thread id of the caller's choice, or empty to take the server's.
        profile: The agent's name, or empty for the default one.
        patience_s: How long one line may take, restarts of the server included.
        recover: Whether to connect again after the connection is lost.
    """

    def __init__(
        self,
        browser: Browser,
        *,
        thread_id: str = "",
        session_id: str | None = None,
        profile: str = "",
        patience_s: float = 120.0,
        recover: bool = True,
    ) -> None:
        self.browser = browser
        self.thread_id = thread_id
        self.session_id = session_id or str(uuid4())
        self.profile = profile
        self.patience_s = patience_s
        self.recover = recover
        self.screen = SimulatedScreen()
        self.tally = Tally()
        self._connection: Connection | None = None
        self._changed = asyncio.Event()
        self._line: ScriptLine | None = None
        self._memory = Memory()
        self._pressed = ""
        self._waiting_for = "the connection"

    async def open(self) -> None:
        """Open the thread, as the page does as soon as it is there.

        Raises:
            SimulationError: It did not come about within the patience.
        """
        async with self._patiently("before its first message"):
            while not await self._try_to_connect():
                pass

    async def say(self, line: ScriptLine) -> None:
        """Say a line, or send a form, and wait until it is answered and the input is allowed again.

        Args:
            line: Its times are filled in.

        Raises:
            SimulationError: It was not answered within the patience, or right answers to a form were refused;
                names what was waited for.
        """
        self._line = line
        async with self._patiently(f"message {line.message_id}, {beginning(line.text, 40)!r}"):
            while not await self._try(line):
                line.clean = False
        if isinstance(line, FormLine) and line.slip is not None and not (line.refusals or line.closed):
            self.tally.faults.append(f"{self._place()}: form {line.form_id} was taken with a wrong answer")
        self._memory.keep(self.screen)

    async def answer_offer(self, *, goes_on: bool) -> None:
        """Say whether one goes on with the intent that is offered.

        Args:
            goes_on: Which of the two.

        Raises:
            SimulationError: It was still offered when the patience ended.
        """
        async with self._patiently("an offer"):
            while (offer := await self._offer()) is not None:
                try:
                    answer = {"intent_id": offer["id"], "goes_on": goes_on}
                    await self._connected().emit("answer_offer", answer, lambda: None)
                    await self._until(lambda: self.screen.offered is None, "the offer's end")
                except ConnectionLost as error:
                    await self._pause_after(error)

    async def _offer(self) -> dict[str, Any] | None:
        """The intent that is offered, on a page that is connected."""
        while not await self._try_to_connect():
            pass
        return self.screen.offered

    async def wait_until(self, is_so: Callable[[], bool], what: str) -> None:
        """Wait for something on the screen.

        Args:
            is_so: Asked after every event.
            what: For the error.

        Raises:
            SimulationError: It did not come about within the patience, or the connection was lost.
        """
        async with self._patiently(what):
            await self._until(is_so, what)

    @asynccontextmanager
    async def _patiently(self, where: str) -> AsyncIterator[None]:
        self._waiting_for = "the connection"
        try:
            async with asyncio.timeout(self.patience_s):
                yield
        except TimeoutError:
            waited = f"waited {self.patience_s:g} s for {self._waiting_for}"
            raise SimulationError(f"{self._place()}: {waited} ({where})") from None
        except ConnectionLost as error:
            raise SimulationError(f"{self._place()}: the connection was lost: {error} ({where})") from error

    @property
    def name(self) -> str:
        """The thread's id, as far as it is known."""
        return self.thread_id or self.screen.thread_id or "not yet named"

    async def cut(self) -> None:
        """Lose the connection; the next thing that is waited for makes it again."""
        await self._connected().cut()

    async def close(self) -> None:
        """Leave the thread."""
        if self._connection is not None:
            await self._connection.close()
            self._connection = None

    async def _try_to_connect(self) -> bool:
        if self._connection is not None and not self._connection.lost:
            return True
        self.screen.begin_connection()
        door = self.browser.door
        self._connection = Connection(self.browser.http, door.base_url, self._hear, door.transport)
        began = time.perf_counter()
        try:
            await self._connection.open(
                session_id=self.session_id, thread_id=self.thread_id, profile=self.profile
            )
        except ConnectionLost as error:
            self._waiting_for = f"the connection ({error})"
            await self._pause_after(error)
            return False
        self.tally.opens_s.append(time.perf_counter() - began)
        if len(self.tally.opens_s) > 1:
            self.tally.reconnects += 1
            begun = (line := self._line) is not None and (line.first_token_at is not None or line.kept)
            faults = self._memory.faults_of(self.screen, line.message_id if line and begun else None)
            self.tally.faults += [f"{self._place()}: {fault}" for fault in faults]
        return True

    async def _pause_after(self, error: ConnectionLost) -> None:
        if not self.recover:
            raise error
        await asyncio.sleep(random.uniform(*PAUSE_S))  # noqa: S311 - no secret hangs on it

    async def _try(self, line: ScriptLine) -> bool:
        if not await self._try_to_connect():
            return False
        try:
            if line.message_id not in self.screen.steps:
                if self._is_closed(line):
                    return True
                await self._send(line)
            elif self._retry_offered(line):
                await self._ask_again(line)
            elif not self._settled(line):
                await self._until(lambda: self._settled(line), "a whole reply or a Retry button")
                return False
            else:
                return True
            await self._until(lambda: self._over(line), "the reply's end")
        except ConnectionLost as error:
            await self._pause_after(error)
            return False
        return not self._retry_offered(line) and self._settled(line)

    def _is_closed(self, line: ScriptLine) -> bool:
        """Whether a line is a form that can be sent no more: it was left, or answered elsewhere."""
        if isinstance(line, FormLine):
            mark = self.screen.forms.get(line.form_id)
            line.closed = mark is None or mark["state"] != FormState.OPEN
        return isinstance(line, FormLine) and line.closed

    async def _send(self, line: ScriptLine) -> None:
        if isinstance(line, FormLine) and line.refused is not None:
            await self._mend(line)
        elif line.sent_at:
            self.tally.sent_again += 1
        line.sent_at = line.sent_at or time.perf_counter()
        line.received = False

        def received() -> None:
            line.received = True
            line.starts_before = self.screen.starts

        if isinstance(line, FormLine):
            await self._connected().emit("answer_form", await self._filled_in(line), received)
            return
        step = line.step(self.browser.name, f"{self.browser.door.base_url}/")
        self.screen.add(step)
        await self._connected().emit("client_message", {"message": step, "fileReferences": []}, received)

    async def _mend(self, line: FormLine) -> None:
        if line.refusals > MOST_REFUSALS:
            raise SimulationError(f"{self._place()}: form {line.form_id} was refused: {line.refused}")
        if not line.refused:  # it came too soon after others
            await asyncio.sleep(random.uniform(*PAUSE_S))  # noqa: S311 - no secret hangs on it
        line.refused = None

    async def _filled_in(self, line: FormLine) -> dict[str, Any]:
        try:
            return await line.packet()
        except (aiohttp.ClientError, OSError) as error:  # an upload
            raise ConnectionLost(str(error)) from error

    async def _ask_again(self, line: ScriptLine) -> None:
        if self.tally.asked_again >= MOST_RETRIES:
            raise SimulationError(f"{self._place()}: {MOST_RETRIES} retries did not bring a reply")
        action = self._retries(line)[-1]
        # The page keeps the button until the server takes it away.
        if self._pressed == (pressed := str(action["id"])):
            await asyncio.sleep(random.uniform(*AGAIN_S))  # noqa: S311 - no secret hangs on it
        line.received = True
        line.starts_before = self.screen.starts
        try:
            await self.browser.press(self.session_id, action)
        except (aiohttp.ClientError, OSError) as error:
            raise ConnectionLost(str(error)) from error
        self._pressed = pressed
        self.tally.asked_again += 1

    def _over(self, line: ScriptLine) -> bool:
        screen = self.screen
        refused = isinstance(line, FormLine) and line.refused is not None
        return line.received and not screen.busy and (refused or screen.starts > line.starts_before)

    def _missing(self, line: ScriptLine) -> bool:
        below = self.screen.after(line.message_id)
        return line.answered and all(shown.type != StepType.ASSISTANT_MESSAGE for shown in below)

    def _retries(self, line: ScriptLine) -> list[dict[str, Any]]:
        below = {shown.id for shown in self.screen.after(line.message_id)} | {line.message_id}
        return [action for action in self.screen.actions_named(RETRY) if action["forId"] in below]

    def _retry_offered(self, line: ScriptLine) -> bool:
        return bool(self._retries(line))

    def _settled(self, line: ScriptLine) -> bool:
        at_work = self.screen.busy or self.screen.is_streaming(line.message_id)
        return self._retry_offered(line) or not (self._missing(line) or at_work)

    def _hear(self, event: str, data: Any) -> None:
        self.screen.apply(event, data)
        if self._line is not None:
            self._line.hear(event, data, self.screen.steps)
        self._changed.set()

    async def _until(self, is_so: Callable[[], bool], what: str) -> None:
        self._waiting_for = what
        while not is_so():
            if self._connected().lost:
                raise ConnectionLost("the server closed the connection")
            self._changed.clear()
            await self._changed.wait()

    def _connected(self) -> Connection:
        if self._connection is None:
            raise ConnectionLost("there is no connection")
        return self._connection

    def _place(self) -> str:
        return f"{self.browser.name}, thread {self.name}"
