"""The chat stage: one turn after another, in one thread after another.

A turn: the message is committed, the history is built from the database, the reply is streamed and
kept (reply.py), its end is committed, the page may go on.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol
from weakref import WeakValueDictionary

import structlog

from agent.base import Agent, ReplyContext, Utterance
from data_layer import threads
from data_layer.batch import Outcome
from data_layer.record import Record
from data_layer.text import storable
from data_layer.writes import DeleteSteps, PutStep, Row, Write
from stages import history, texts
from stages.away import AWAY, unless_away
from stages.notices import notice
from stages.provenance import Pricing, new_run
from stages.reply import Reply
from stages.screen import Screen
from stages.spoken import Spoken
from study.errors import AgentError
from study.vocabulary import Status, StepType

log = structlog.get_logger(__name__)


class Agents(Protocol):
    """Who can answer (agent/registry.py)."""

    @property
    def default(self) -> Agent:
        """Who answers when nobody was chosen."""

    def get(self, name: str | None) -> Agent | None:
        """The agent with a name, when it can answer."""


class ChatStage:
    """Hears participants and lets agents answer.

    Args:
        record: Where everything is kept.
        agents: Who can answer.
        message_length: Characters that an agent gets at most.
        pricing: Costs of a call.
    """

    def __init__(
        self,
        record: Record,
        agents: Agents,
        *,
        message_length: int,
        pricing: Pricing = lambda usage, served, requested: None,
    ) -> None:
        self._record = record
        self._agents = agents
        self._message_length = message_length
        self._pricing = pricing
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._replies: dict[str, tuple[Reply, asyncio.Task[Any] | None]] = {}
        self._turns: Counter[str] = Counter()
        self._closing = False

    async def hear(self, spoken: Spoken, screen: Screen) -> None:
        """Take a message and answer it. A message that was answered already is not answered again."""
        with self._under_way(spoken.thread_id):
            await self._hear(spoken, screen)

    async def _hear(self, spoken: Spoken, screen: Screen) -> None:
        outcome = await self._record.writer.submit(*spoken.writes(self._record.now()))
        if outcome.refused is not None:
            await self._refuse(outcome.refused, spoken, screen)
            return
        message = outcome.step
        if message is None:
            await self._delay(spoken.unfolded(), screen)
            return
        if message["deleted_at"] is not None:
            # A late copy of a message that was edited away since.
            await screen.remove([spoken.message_id])
            return
        if outcome.thread is not None and outcome.thread["deleted_at"] is not None:
            # A tab that still shows a thread deleted elsewhere: its words are kept where they were said.
            await screen.say(texts.NOT_YOURS)
            return
        async with self._turn_of(spoken.thread_id):
            await self._answer(spoken, screen, message, outcome.thread)

    async def edit(self, spoken: Spoken, screen: Screen) -> None:
        """Say a message otherwise: what came after it leaves the screen, and it is answered anew."""
        self.stop(spoken.thread_id)
        with self._under_way(spoken.thread_id):
            await self._edit(spoken, screen)

    async def _edit(self, spoken: Spoken, screen: Screen) -> None:
        async with self._turn_of(spoken.thread_id), unless_away(screen):
            message = await self._own_message(spoken)
            if message is None or not spoken.text.strip():
                await screen.say(texts.NOT_YOURS)
                return
            changed: Row = {
                "step_id": spoken.message_id,
                "thread_id": spoken.thread_id,
                "output": spoken.text,
            }
            put = PutStep(changed, self._record.now(), by=spoken.participant_id)
            outcome = await self._clear_after(message, "edited", spoken, screen, put)
            message = outcome.step or message | {"output": storable(spoken.text)}
            await screen.show(message)
            if outcome.journaled:
                await self._delay(message, screen)
                return
            await self._answer(spoken, screen, message)

    async def retry(self, spoken: Spoken, screen: Screen) -> None:
        """Answer the thread's last message once more; the answer that failed leaves the screen."""
        with self._under_way(spoken.thread_id):
            await self._retry(spoken, screen)

    async def _retry(self, spoken: Spoken, screen: Screen) -> None:
        async with self._turn_of(spoken.thread_id), unless_away(screen):
            message = await self._own_message(spoken)
            last = await history.last_message_id(self._record.database, spoken.thread_id)
            if message is None or last != spoken.message_id:
                await screen.say(texts.NOT_YOURS)
                return
            outcome = await self._clear_after(message, "retried", spoken, screen)
            if outcome.journaled:
                await self._delay(message, screen)
                return
            await self._answer(spoken, screen, message)

    def stop(self, thread_id: str) -> bool:
        """Stop the reply that is being given in a thread; what was shown of it stays."""
        running = self._replies.get(thread_id)
        if running is None or running[1] is None:
            return False
        return running[1].cancel()

    def running(self, thread_id: str) -> Reply | None:
        """The reply that is being given in a thread."""
        running = self._replies.get(thread_id)
        return running[0] if running else None

    async def close(self) -> None:
        """End what runs: it is kept as interrupted, with what was shown."""
        self._closing = True
        tasks = [task for _, task in self._replies.values() if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def unanswered(self, thread_id: str) -> tuple[Row, str | None] | None:
        """As history.unanswered, for a thread in which no turn is under way."""
        if self._turns[thread_id]:
            return None
        left = await history.unanswered(self._record.database, thread_id, self._message_length)
        return None if self._turns[thread_id] else left

    async def interrupted_notice(self, message: Row, screen: Screen) -> Row:
        """Say under a message that its answer was interrupted."""
        return await notice(self._record, message, texts.AGENT_INTERRUPTED, screen, retry=True)

    async def _refuse(self, why: str, spoken: Spoken, screen: Screen) -> None:
        self._record.refused("message", why, spoken.participant_id)
        await screen.remove([spoken.message_id])
        await screen.say(texts.NOT_YOURS)

    async def _delay(self, message: Row, screen: Screen) -> None:
        """The message waits in the journal, which does not fold: there is no history to answer from."""
        await screen.say(texts.SAVING_DELAYED)
        await notice(self._record, message, texts.AGENT_FAILED, screen, retry=True)

    async def _own_message(self, spoken: Spoken) -> Row | None:
        message = await threads.step_row(self._record.database, spoken.message_id)
        owner = await threads.owner_of(self._record.database, spoken.thread_id)
        if (
            message is None
            or message["thread_id"] != spoken.thread_id
            or message["type"] != StepType.USER_MESSAGE
            or message["deleted_at"] is not None
            or owner != spoken.participant_id
        ):
            self._record.refused("message", "not their message", spoken.participant_id)
            return None
        return message

    async def _clear_after(
        self, message: Row, because: str, spoken: Spoken, screen: Screen, *also: Write
    ) -> Outcome:
        database, thread_id = self._record.database, message["thread_id"]
        before = await threads.read_thread(database, thread_id)
        delete = DeleteSteps(
            (),
            self._record.now(),
            because,
            thread_id,
            spoken.participant_id,
            after_seq=message["seq"],
            runs_of=(message["step_id"],),
        )
        outcome = await self._record.writer.submit(delete, *also)
        if before is not None:
            # Not outcome.gone: the journal does not say what will have gone.
            gone = [row["step_id"] for row in before.steps if row["seq"] > message["seq"]]
            left = {*gone, message["step_id"]}
            await screen.remove([*gone, *(run["run_id"] for run in before.runs if run["message_id"] in left)])
        return outcome

    async def _answer(self, spoken: Spoken, screen: Screen, message: Row, thread: Row | None = None) -> None:
        """Give the reply of a turn; its errors end here."""
        if self._closing:
            return  # It is kept; the page offers a Retry when the server is back.
        database = self._record.database
        try:
            asked = await history.what_to_answer(database, message, self._message_length)
            if asked is None:
                return
            if asked.left:
                await self._clear_after(message, "retried", spoken, screen)
            thread = thread or await threads.thread_row(database, spoken.thread_id)
        except AWAY as error:
            log.error("history_unreadable", error_type=type(error).__name__)
            await notice(self._record, message, texts.AGENT_FAILED, screen, retry=True)
            return
        if len(message["output"]) > self._message_length:
            await self._tell_too_long(message, screen)
            return
        agent = self._agent_of(spoken, thread)
        run = new_run(self._record, message, agent, spoken.connection_id)
        reply = Reply(self._record, screen, run, self._pricing)
        self._replies[spoken.thread_id] = (reply, asyncio.current_task())
        try:
            await self._give(reply, agent, asked.turns, message, screen)
        finally:
            self._replies.pop(spoken.thread_id, None)

    async def _tell_too_long(self, message: Row, screen: Screen) -> None:
        if not await history.is_noticed(self._record.database, message):
            text = texts.too_long(len(message["output"]), self._message_length)
            await notice(self._record, message, text, screen)

    async def _give(
        self, reply: Reply, agent: Agent, turns: list[Utterance], message: Row, screen: Screen
    ) -> None:
        context = ReplyContext(reply.run["thread_id"], reply.run["run_id"])
        error: Exception | None = None
        try:
            await reply.begin()
            await reply.stream(agent.reply(turns, context))
            status = Status.COMPLETE
        except asyncio.CancelledError:
            status = Status.INTERRUPTED if self._closing else Status.STOPPED
        except AgentError as failure:
            status, error = Status.FAILED, failure
            log.warning("agent_failed", error_type=failure.error_type, agent=agent.name)
        except Exception as failure:  # The participant must get a sentence and a Retry, whatever it was.
            status, error = Status.FAILED, failure
            log.exception("agent_broke", agent=agent.name)
        # From here on a Stop comes too late, and the end is committed whatever happens.
        self._replies[message["thread_id"]] = (reply, None)
        outcome = await asyncio.shield(reply.finish(status, error))
        if outcome.journaled:
            await screen.say(texts.SAVING_DELAYED)
        if status == Status.FAILED:
            await notice(self._record, message, texts.AGENT_FAILED, screen, retry=True)

    def _agent_of(self, spoken: Spoken, thread: Row | None) -> Agent:
        kept = thread["agent"] if thread else None
        return self._agents.get(kept) or self._agents.get(spoken.agent) or self._agents.default

    @contextmanager
    def _under_way(self, thread_id: str) -> Iterator[None]:
        """A message is committed before its reply is known of: between the two it is not left unanswered."""
        self._turns[thread_id] += 1
        try:
            yield
        finally:
            self._turns[thread_id] -= 1
            if not self._turns[thread_id]:
                del self._turns[thread_id]

    def _turn_of(self, thread_id: str) -> asyncio.Lock:
        return self._locks.setdefault(thread_id, asyncio.Lock())
