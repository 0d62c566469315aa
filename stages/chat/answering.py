"""The answer to one message: what there is to answer is read, an agent replies, the end is committed."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Protocol

import structlog

from agent.base import Agent, keeps_intents
from agent.context import KeptCall, ReplyContext, Utterance
from agent.events import Event
from data_layer.conversations import intents, threads
from data_layer.conversations.tool_steps import tool_calls
from data_layer.database.rows import Row
from data_layer.record import Record
from stages.chat import history
from stages.chat.attachments import bring_attached
from stages.chat.away import AWAY
from stages.chat.beside import Beside
from stages.chat.branches import leave_answer
from stages.chat.fallback import Fallbacks
from stages.chat.knowing import AgentKnowledge, Knows, agent_knowledge
from stages.chat.limits import ThreadLimits
from stages.chat.notices import notice, sentence_of
from stages.chat.provenance import Pricing, new_run
from stages.chat.reply import Reply
from stages.chat.tools import RecordKeeping
from stages.chat.turn_limits import TurnBudget, TurnLimitReached
from stages.chat.turns import Turns
from stages.screen import Screen
from stages.spoken import Spoken
from study.assignment import TurnLevel
from study.errors import AgentError
from study.vocabulary import Status

log = structlog.get_logger(__name__)


class Agents(Protocol):
    """Who can answer (agent/registry.py)."""

    @property
    def default(self) -> Agent:
        """Who answers when nobody was chosen."""

    def get(self, name: str | None, condition: str | None = None, level: str | None = None) -> Agent | None:
        """The agent with a name, when it can answer, as a condition and a turn's level have it."""


class Answering:
    """Gives the reply of a turn.

    Args:
        record: Where everything is kept.
        agents: Who can answer.
        turns: Which replies are being given.
        message_length: Characters that an agent gets at most.
        pricing: Costs of a call.
        beside: What participants see of a reply beside its words.
        fallbacks: Who answers where an agent could not.
        limits: How much may be used.
        knows: What an intent may know of others of its thread.
        replied: Told of each reply that has ended: a row of `runs`.
    """

    def __init__(
        self,
        record: Record,
        agents: Agents,
        turns: Turns,
        *,
        message_length: int,
        pricing: Pricing,
        beside: Beside,
        fallbacks: Fallbacks,
        limits: ThreadLimits,
        knows: Knows = "nothing",
        replied: Sequence[Callable[[Row], None]] = (),
    ) -> None:
        self._record = record
        self._agents = agents
        self._turns = turns
        self._message_length = message_length
        self._pricing = pricing
        self._beside = beside
        self._fallbacks = fallbacks
        self._limits = limits
        self._keeping = RecordKeeping(record)
        self._knows: Knows = knows
        self._replied = replied
        self._closing = False

    def close(self) -> None:
        """From now on nothing is answered, and what is stopped counts as interrupted."""
        self._closing = True

    def addressed(self, spoken: Spoken) -> Spoken:
        """What was said, with the agent that it is for: a study that counts threads by agent asks at once."""
        if spoken.agent is not None or self._record.defaults.active_threads is None:
            return spoken
        return replace(spoken, agent=self._agents.default.name)

    async def answer(self, spoken: Spoken, screen: Screen, message: Row, thread: Row | None = None) -> None:
        """Give the reply of a turn; its errors end here.

        Args:
            spoken: What was asked for, by whom.
            screen: Where it is shown.
            message: The participant's message, as its row stands.
            thread: Its thread's row, where that is known.
        """
        if self._closing:
            return  # It is kept; the page offers a Retry when the server is back.
        database = self._record.database
        try:
            asked = await self._asked(message)
            if asked is None:
                return
            if asked.left:
                await leave_answer(self._record, message, spoken.participant_id, screen)
            thread = thread or await threads.thread_row(database, spoken.thread_id)
            is_beyond = await self._limits.is_beyond(message, spoken.participant_id)
            condition = await self._limits.condition_of(spoken)
            level = await self._limits.level_of(spoken, message["turn"] or 0)
            agent: Agent | None = self._agent_of(spoken, thread, condition, level)
            told = await self._known(agent, spoken, asked.turns)
        except AWAY as error:
            log.error("history_unreadable", error_type=type(error).__name__)
            await notice(self._record, message, screen.strings("chat.agent_failed"), screen, retry=True)
            return
        if history.is_too_long(message, self._message_length):
            await self._tell_too_long(message, screen)
            return
        if is_beyond:
            await self._tell_beyond(message, screen)
            return
        budget = TurnBudget(self._limits.of_turn, self._pricing)
        failed: str | None = None
        why: Exception | None = None
        while agent is not None:
            in_turn = partial(self._turns.all_shown, spoken.thread_id)
            await in_turn()
            run = new_run(self._record, message, agent, spoken.connection_id, failed, level)
            reply = Reply(self._record, screen, run, self._pricing, self._beside, in_turn)
            reply.intents.take_over(told.intent, told.former)
            reply_of = partial(agent.reply, told.turns, self._context(run, told, message, spoken))
            with self._turns.giving(spoken.thread_id, reply):
                status, why = await self._give(reply, reply_of, message, budget)
            if status != Status.FAILED:
                return
            failed = agent.name
            agent = None if self._closing else self._fallbacks.after(agent, reply)
            try:
                told = await self._known(agent, spoken, asked.turns)
            except AWAY as error:
                log.error("intents_unreadable", error_type=type(error).__name__)
                agent = None
        await notice(self._record, message, screen.strings(sentence_of(why)), screen, retry=True)

    def _context(self, run: Row, told: AgentKnowledge, message: Row, spoken: Spoken) -> ReplyContext:
        return ReplyContext(
            run["thread_id"],
            run["run_id"],
            spoken.participant_id,
            message["step_id"],
            f"{message['step_id']}:{message['revision']}",
            self._keeping,
            intent=told.intent,
            former=told.former,
            summary=told.summary,
            kept_calls=partial(self._kept_calls, message),
            answers=partial(self._record.participations.in_words, spoken.participant_id),
        )

    async def _asked(self, message: Row) -> history.Question | None:
        if self._record.writer.health.away:
            raise OSError  # What waits in the journal is not in what would be read: a delete may be in it.
        await bring_attached(self._record, message["thread_id"])
        return await history.what_to_answer(
            self._record.database, self._record.files, message, self._message_length
        )

    async def _kept_calls(self, message: Row) -> list[KeptCall]:
        """What tools were called with before a message, and answered."""
        rows = await tool_calls(self._record.database, message["thread_id"], message["turn"] or 0)
        return [
            KeptCall(
                row["name"],
                row["input"],
                row["output"],
                bool(row["is_error"]),
                row["intent_id"],
                row["turn"] or 0,
                row["round"],
                row["status"] == Status.COMPLETE,
            )
            for row in rows
        ]

    async def _tell_too_long(self, message: Row, screen: Screen) -> None:
        if not await history.is_noticed(self._record.database, message):
            text = screen.strings("chat.too_long", length=len(message["output"]), limit=self._message_length)
            await notice(self._record, message, text, screen)

    async def _tell_beyond(self, message: Row, screen: Screen) -> None:
        if not await history.is_noticed(self._record.database, message):
            await notice(self._record, message, screen.strings("chat.beyond"), screen)

    async def _give(
        self,
        reply: Reply,
        reply_of: Callable[[], AsyncIterator[Event]],
        message: Row,
        budget: TurnBudget,
    ) -> tuple[Status, Exception | None]:
        agent = reply.run["agent"]
        error: Exception | None = None
        try:
            await reply.begin()
            if self._turns.stopped_early(message["thread_id"]):
                raise asyncio.CancelledError
            await budget.in_time(reply.stream(budget.within(reply_of())))
            status = Status.COMPLETE
        except asyncio.CancelledError:
            status = Status.INTERRUPTED if self._closing else Status.STOPPED
        except TurnLimitReached as failure:
            status, error = Status.STOPPED, failure
        except AgentError as failure:
            status, error = Status.FAILED, failure
            log.warning("agent_failed", error_type=failure.error_type, agent=agent)
        except Exception as failure:  # The participant must get a sentence and a Retry, whatever it was.
            status, error = Status.FAILED, failure
            log.exception("agent_broke", agent=agent)
        # From here on a Stop comes too late, and the end is committed whatever happens.
        self._turns.too_late(message["thread_id"], reply)
        outcome = await asyncio.shield(reply.finish(status, error))
        for told in self._replied:
            told(reply.run)
        if outcome.journaled:
            await reply.screen.say(reply.screen.strings("chat.saving_delayed"))
        if isinstance(error, TurnLimitReached):
            await notice(self._record, message, reply.screen.strings("chat.turn_limit"), reply.screen)
        return status, error

    async def _known(self, agent: Agent | None, spoken: Spoken, turns: list[Utterance]) -> AgentKnowledge:
        """What an agent is told; one that keeps no intents is told all that was said."""
        if agent is None or not keeps_intents(agent):
            return AgentKnowledge(turns)
        return agent_knowledge(
            turns, await intents.standing(self._record.database, spoken.thread_id), self._knows
        )

    def _agent_of(
        self, spoken: Spoken, thread: Row | None, condition: str | None, drawn: TurnLevel | None
    ) -> Agent:
        kept, level = thread["agent"] if thread else None, drawn.level if drawn is not None else None
        return (
            self._agents.get(kept, condition, level)
            or self._agents.get(spoken.agent, condition, level)
            or self._agents.default
        )
