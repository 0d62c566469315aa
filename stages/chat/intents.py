"""The intents of a reply: what its agent says of them goes into the record.

Whether a move can be made is the writer's to say (data_layer/writing/apply/intents.py): what an agent yields
too late, or twice, is refused there and changes nothing.
"""

import asyncio
import uuid
from collections.abc import Awaitable, Mapping, Sequence
from typing import Any, Final

from agent.context import IntentView
from agent.events import IntentBegan, IntentContinued, IntentEnded, IntentUpdated
from data_layer.conversations import intents
from data_layer.database.rows import Row
from data_layer.record import Record
from data_layer.writing.intent_writes import MoveIntent
from data_layer.writing.outcome import Outcome
from data_layer.writing.writes import PatchRow, PutStep, Write
from stages.chat.away import AWAY
from stages.screen import Screen
from stages.spoken import Spoken
from study.intents import BY_AGENT, BY_PARTICIPANT, IntentMove, IntentState
from study.reasons import Reason

EVENTS: Final = (IntentBegan, IntentUpdated, IntentContinued, IntentEnded)


class ReplyIntents:
    """Keeps what a reply does to the intents of its thread.

    Args:
        record: Where.
        run: The row of `runs`; its `intent_id` is the intent that what is said now belongs to.
        screen: Where they are shown.
    """

    def __init__(self, record: Record, run: Row, screen: Screen) -> None:
        self._left: frozenset[str] = frozenset()
        self._screen = screen
        self._untold = False
        self._record = record
        self._run = run

    @property
    def intent_id(self) -> str | None:
        """The intent that what is said now belongs to."""
        return self._run.get("intent_id")

    def take_over(self, active: IntentView | None, former: Sequence[IntentView]) -> None:
        """Begin with the intent under way; of former ones those that were abandoned can be continued."""
        if active is not None:
            self._run["intent_id"] = active.intent_id
        self._left = frozenset(one.intent_id for one in former if one.status == IntentState.ABANDONED)

    def begin(self) -> None:
        """The run has begun: the message that it answers is of the intent that is under way."""
        if self.intent_id is None:
            return
        message: Row = {
            "step_id": self._run["message_id"],
            "thread_id": self._run["thread_id"],
            "intent_id": self.intent_id,
        }
        self._record.writer.submit(PutStep(message, self._record.now()))

    async def take(self, event: IntentBegan | IntentUpdated | IntentContinued | IntentEnded) -> None:
        """Keep a move; there is none to be made where no intent has begun."""
        if isinstance(event, IntentBegan):
            await self._go_over(event)
        elif isinstance(event, IntentContinued):
            if event.intent_id in self._left:
                await self._go_over(event)
        elif self.intent_id is None:
            return
        elif isinstance(event, IntentUpdated):
            said = {"parameters": dict(event.parameters), "agent_state": dict(event.state)}
            self._submit(IntentMove.UPDATED, BY_AGENT, **said)
        else:
            await self._show_when_kept(self._submit(IntentMove(event.state), event.cause))

    async def tell(self) -> None:
        """Show what was not shown yet: a Stop may have come while it was being kept."""
        if self._untold:
            self._untold = False
            await show_intents(self._record, self._run["thread_id"], self._screen)

    async def _show_when_kept(self, written: Awaitable[Outcome]) -> None:
        self._untold = True
        outcome = await asyncio.shield(written)
        if not outcome.journaled:
            await self.tell()

    async def _go_over(self, event: IntentBegan | IntentContinued) -> None:
        """What is said from here on is of another intent."""
        begins: Mapping[str, Any] | None = None
        if isinstance(event, IntentBegan):
            self._run["intent_id"] = str(uuid.uuid4())
            begins = {"name": event.name, "title": event.title, "score": event.score}
            begins |= {"agent": self._run["agent"]}
        else:
            self._run["intent_id"] = event.intent_id
        move = IntentMove.BEGAN if begins is not None else IntentMove.CONTINUED
        now_of = PatchRow("runs", {"run_id": self._run["run_id"]}, {"intent_id": self.intent_id})
        await self._show_when_kept(self._submit(move, BY_AGENT, now_of, begins=begins))

    def _submit(self, move: IntentMove, cause: str, *also: Write, **said: Any) -> Awaitable[Outcome]:
        write = MoveIntent(
            self._run["thread_id"],
            str(self.intent_id),
            move.value,
            cause,
            self._record.now(),
            run_id=self._run["run_id"],
            message_id=self._run["message_id"],
            connection_id=self._run["connection_id"],
            **said,
        )
        return self._record.writer.submit(write, *also)


async def show_intents(record: Record, thread_id: str, screen: Screen) -> None:
    """Show what the record now says of a thread's intents; while the database is away, nothing."""
    try:
        shown = await intents.shown(record.database, thread_id)
    except AWAY:
        return
    if shown is not None:
        await screen.show_intents(thread_id, shown)


async def answer_offer(
    record: Record, spoken: Spoken, intent_id: str, screen: Screen, *, goes_on: bool
) -> Outcome:
    """A participant goes on with an intent that they had left, or will not.

    Args:
        record: Where it is kept.
        spoken: Whose doing, and in which thread.
        intent_id: Which.
        screen: Where it is shown.
        goes_on: Which of the two.
    """
    move = IntentMove.CONTINUED if goes_on else IntentMove.DECLINED
    write = MoveIntent(
        spoken.thread_id,
        intent_id,
        move.value,
        BY_PARTICIPANT,
        record.now(),
        by=spoken.participant_id,
        connection_id=spoken.connection_id,
    )
    outcome = await record.writer.submit(write)
    # Refused, too: another page may have been faster, and this one shows it then.
    if outcome.reason is not Reason.ANOTHERS_THREAD:
        await show_intents(record, spoken.thread_id, screen)
    return outcome
