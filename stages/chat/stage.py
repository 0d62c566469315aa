"""The chat stage: one turn after another, in one thread after another.

A turn: the message is committed, the history is built from the database, the reply is streamed and
kept (reply.py), its end is committed, the page may go on.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict

from agent.base import Agent
from data_layer.conversations import threads
from data_layer.database.rows import Row
from data_layer.record import Record
from data_layer.writing.outcome import Outcome
from data_layer.writing.writes import PutStep, Write
from stages.chat import history
from stages.chat.answering import Agents, Answering
from stages.chat.as_read import AsRead
from stages.chat.attachments import MessageFiles, Taken
from stages.chat.audiences import Audiences
from stages.chat.away import unless_away
from stages.chat.beside import Beside
from stages.chat.branches import leave_after, leave_answer, mark, own_message, question_meant, settle, walk
from stages.chat.copies import is_answered_elsewhere, is_with_another
from stages.chat.ended import has_ended
from stages.chat.fallback import Fallbacks
from stages.chat.forms import FormSent, form_writes, is_form_answer, said, show_form, take_form
from stages.chat.intents import answer_offer
from stages.chat.knowing import Knows
from stages.chat.limits import ThreadLimits
from stages.chat.notices import LeftUnanswered, delayed, interrupted
from stages.chat.provenance import Pricing
from stages.chat.reply import Reply
from stages.chat.turns import Turns
from stages.chat.where import Whereabouts, is_where, may_do, may_talk
from stages.screen import Screen
from stages.spoken import Spoken
from study.limits import Limits
from study.participation import AttachmentRules
from study.reasons import Reason
from study.text import storable


class ChatStage:
    """Hears participants and lets agents answer.

    Args:
        record: Where everything is kept.
        agents: Who can answer.
        message_length: Characters that an agent gets at most.
        attachments: Files that a message may have; None for none.
        pricing: Costs of a call.
        beside: What participants see of a reply beside its words.
        fallbacks: Who answers where an agent could not, by that agent's name.
        limits: How much may be used.
        knows: What an intent may know of others of its thread.
        where: Knows in which chat a participant stands; None where the study has no protocol.
    """

    def __init__(
        self,
        record: Record,
        agents: Agents,
        *,
        message_length: int,
        attachments: AttachmentRules | None = None,
        pricing: Pricing = lambda usage, served, requested: None,
        beside: Beside = Beside(),  # noqa: B008  # frozen
        fallbacks: Mapping[str, Agent] | None = None,
        limits: Limits = Limits(),  # noqa: B008  # frozen
        knows: Knows = "nothing",
        where: Whereabouts | None = None,
    ) -> None:
        self._record = record
        self._where = where
        self._message_length = message_length
        self.files = MessageFiles(record, attachments)
        self.limits = ThreadLimits(record, limits, where)
        self._turns = Turns()
        # Told of each reply that has ended: a row of `runs`.
        self.replied: list[Callable[[Row], None]] = []
        self.audiences = Audiences()
        # Called where no reply is given here: another process may give it (elsewhere.py).
        self.stop_elsewhere: Callable[[str], None] = lambda _: None
        # Called of a thread that is opened here while another process answers in it.
        self.await_elsewhere: Callable[[str], None] = lambda _: None
        self._answering = Answering(
            record,
            agents,
            self._turns,
            message_length=message_length,
            pricing=pricing,
            beside=beside,
            fallbacks=Fallbacks(fallbacks),
            limits=self.limits,
            knows=knows,
            replied=self.replied,
        )

    async def hear(self, spoken: Spoken, screen: Screen) -> None:
        """Take a message and answer it. A message that was answered already is not answered again."""
        with self._turns.count(spoken.thread_id, spoken.message_id):
            await self._hear(spoken, screen)
            await self.limits.tell(spoken, screen)

    async def _hear(self, spoken: Spoken, screen: Screen) -> None:
        if await self._is_closed(spoken, screen):
            await screen.remove([spoken.message_id])
            return
        spoken = self._answering.addressed(spoken)
        async with self._turns.in_order(spoken.thread_id):
            taken = await self.files.take(spoken)
            writes = spoken.writes(self._record.now(), taken.names)
            written = self._keep(spoken, *writes, *taken.writes)
        outcome = await written
        for archived in outcome.archived:
            await screen.say(screen.strings("chat.archived", title=archived["title"]))
        if outcome.left_form is not None:
            async with unless_away(screen):
                await show_form(self._record, outcome.left_form, screen)
        # Beside what follows: the next message must not be answered before this one.
        forgotten = asyncio.ensure_future(self.files.committed(taken)) if taken.pending else None
        await self._answer_kept(spoken, screen, taken, outcome)
        if forgotten is not None:
            await forgotten

    def _keep(self, spoken: Spoken, *writes: Write) -> asyncio.Future[Outcome]:
        """Commit what was said: until it is shown, no reply of its thread shows what has a later number."""
        self._turns.keeps(spoken.thread_id, spoken.message_id)
        return self._record.writer.submit(*writes)

    async def is_here(self, participant_id: str, thread_id: str) -> bool:
        """Whether a participant may talk in a thread; in a study with a protocol in one at most."""
        return self._where is None or await is_where(self._where, participant_id, thread_id)

    async def _is_closed(self, spoken: Spoken, screen: Screen) -> bool:
        """Whether nothing may be said: the study has ended, or its participant stands elsewhere in it."""
        if await has_ended(self._record, screen):
            return True
        return not await may_talk(self._record, self._where, spoken, screen)

    async def answer_form(self, spoken: Spoken, sent: FormSent, screen: Screen) -> None:
        """Take a form that was sent, and answer the message that says its answers. One answer only."""
        with self._turns.count(spoken.thread_id, spoken.message_id):
            if await self._is_closed(spoken, screen) or await self.limits.refuse(spoken, screen):
                await screen.form_refused(sent.form_id, {})
                return
            async with unless_away(screen):
                await self._answer_form(spoken, sent, screen)
            await self.limits.tell(spoken, screen)

    async def _answer_form(self, spoken: Spoken, sent: FormSent, screen: Screen) -> None:
        spoken = self._answering.addressed(spoken)
        async with self._turns.in_order(spoken.thread_id):
            form = await take_form(self._record, self.files, spoken, sent)
            if form.row is None:
                self._record.refused("form", str(Reason.NO_FORM), spoken.participant_id)
            if form.row is None or form.answered.errors:
                errors = form.answered.errors.items()
                await screen.form_refused(sent.form_id, {item: asdict(flaw) for item, flaw in errors})
                return
            spoken = said(spoken, form)
            taken = await self.files.take(spoken)
            writes = form_writes(spoken, sent, form, self._record)
            written = self._keep(spoken, *writes, *taken.writes)
        outcome = await written
        if outcome.refused is None and outcome.step is not None:
            await screen.show(outcome.step)
        # Also where it was answered already, or left: the page shows it as it stands now.
        await show_form(self._record, sent.form_id, screen)
        if outcome.refused is not None:
            await self.files.refused(taken)
            await screen.form_refused(sent.form_id, {})
            return
        await self._answer_kept(spoken, screen, taken, outcome)
        await self.files.committed(taken)

    async def _answer_kept(self, spoken: Spoken, screen: Screen, taken: Taken, outcome: Outcome) -> None:
        if outcome.refused is not None:
            await self.files.refused(taken)
            await self._refuse(outcome.refused, spoken, screen)
            return
        message = outcome.step
        if message is None:
            message = spoken.unfolded(self._record.now())
            await screen.kept(message)
            await taken.show(screen)
            await delayed(self._record, message, screen)
            return
        if message["deleted_at"] is not None:
            # A late copy of a message that was edited away since.
            await screen.remove([spoken.message_id])
            return
        await screen.kept(message)
        await taken.show(screen)
        self._turns.shown(spoken.thread_id, spoken.message_id)
        if outcome.thread is not None and outcome.thread["deleted_at"] is not None:
            # A tab that still shows a thread deleted elsewhere: its words are kept where they were said.
            await screen.say(screen.strings("chat.not_yours"))
            return
        if await is_with_another(self._record, message):
            return
        async with self._turns.alone(spoken.thread_id):
            await self._answering.answer(spoken, screen, message, outcome.thread)

    async def _may(self, what: str, spoken: Spoken, screen: Screen) -> bool:
        """Whether this chat lets its participant do something beside writing."""
        return await may_do(self._record, self._where, what, spoken, screen)

    async def edit(self, spoken: Spoken, screen: Screen, as_read: AsRead | None = None) -> None:
        """Say a message otherwise: what came after it leaves the screen, and it is answered anew.

        Args:
            spoken: The message, and its new words.
            screen: Where.
            as_read: Asked whether it still is as who says so has read it; None where that is not asked.
        """
        if await self._is_closed(spoken, screen) or await self.limits.refuse(spoken, screen):
            return
        if not await self._may("edit", spoken, screen):
            return
        self.stop(spoken.thread_id)
        async with self._revisiting(spoken, screen):
            await self._raise_if_waiting(spoken)
            message = await own_message(self._record, spoken)
            if message is None or not spoken.text.strip() or is_form_answer(message):
                await screen.say(screen.strings("chat.not_yours"))
                return
            if as_read is not None and not as_read.stands(message):
                return
            if storable(spoken.text) == message["output"]:
                if as_read is not None:
                    as_read.taken()
                await self._answer_anew(message, spoken, screen)
                return
            changed: Row = {
                "step_id": spoken.message_id,
                "thread_id": spoken.thread_id,
                "output": spoken.text,
            }
            put = PutStep(changed, self._record.now(), by=spoken.participant_id)
            outcome = await leave_after(
                self._record, message, "edited", spoken.participant_id, screen, put, branch=spoken.message_id
            )
            message = outcome.step or message | {"output": storable(spoken.text)}
            if as_read is not None:
                as_read.taken()
            await screen.show(message)
            if outcome.journaled:
                await delayed(self._record, message, screen)
                return
            await mark(self._record, spoken.thread_id, screen)
            await self._answering.answer(spoken, screen, message)

    async def retry(self, spoken: Spoken, screen: Screen) -> None:
        """Answer the thread's last message once more; the answer that failed leaves the screen."""
        if await self._is_closed(spoken, screen):
            return
        async with self._revisiting(spoken, screen):
            await self._raise_if_waiting(spoken)
            message = await own_message(self._record, spoken)
            last = await history.last_message_id(self._record.database, spoken.thread_id)
            if message is None or last != spoken.message_id:
                await screen.say(screen.strings("chat.not_yours"))
                return
            left = await history.unanswered(self._record.database, spoken.thread_id, self._message_length)
            if left is None and await self.limits.refuse(spoken, screen):
                return  # It is answered: that is another answer, as `again` gives one.
            await self._answer_anew(message, spoken, screen)

    async def again(self, spoken: Spoken, screen: Screen) -> None:
        """Answer anew a message, named by its own id or its answer's; what followed leaves the screen."""
        if await self._is_closed(spoken, screen) or await self.limits.refuse(spoken, screen):
            return
        if not await self._may("again", spoken, screen):
            return
        self.stop(spoken.thread_id)
        async with self._revisiting(spoken, screen):
            message = await question_meant(self._record, spoken)
            if message is None or history.is_too_long(message, self._message_length):
                await screen.say(screen.strings("chat.not_yours"))
                return
            await self._answer_anew(message, spoken, screen)

    async def show_branch(self, spoken: Spoken, number: int, screen: Screen) -> None:
        """Walk to another state of a message, or another answer to it, and all that followed.

        Args:
            spoken: Its message_id is the message's, or the answer's that is shown now.
            number: Which, from 1.
            screen: Where.
        """
        self.stop(spoken.thread_id)
        async with self._revisiting(spoken, screen):
            message = await question_meant(self._record, spoken)
            outcome = await walk(self._record, message, spoken, number, screen) if message else None
            if outcome is None or outcome.refused is not None:
                await screen.say(screen.strings("chat.not_yours"))
            elif outcome.journaled:
                await screen.say(screen.strings("chat.not_now"))
            else:
                await settle(self._record, spoken.thread_id, self._message_length, screen)

    async def answer_offer(self, spoken: Spoken, intent_id: str, screen: Screen, *, goes_on: bool) -> None:
        """Go on with an intent that was left, or say that one will not; another page may have said so."""
        if await self._is_closed(spoken, screen):
            return
        async with self._revisiting(spoken, screen):
            outcome = await answer_offer(self._record, spoken, intent_id, screen, goes_on=goes_on)
            if outcome.journaled:
                await screen.say(screen.strings("chat.not_now"))

    async def _answer_anew(self, message: Row, spoken: Spoken, screen: Screen) -> None:
        outcome = await leave_answer(self._record, message, spoken.participant_id, screen)
        if outcome.journaled:
            await delayed(self._record, message, screen)
            return
        await self._answering.answer(spoken, screen, message)
        await mark(self._record, spoken.thread_id, screen)
        await self.limits.tell(spoken, screen)

    @asynccontextmanager
    async def _revisiting(self, spoken: Spoken, screen: Screen) -> AsyncIterator[None]:
        """A turn of its own, about what was said before; nothing happens while the database is away."""
        with self._turns.count(spoken.thread_id):
            async with self._turns.alone(spoken.thread_id), unless_away(screen):
                yield

    async def _raise_if_waiting(self, spoken: Spoken) -> None:
        """What is meant waits in the journal: it is theirs, and there is nothing yet to do with it."""
        is_away = self._record.writer.health.away
        if is_away and await threads.step_row(self._record.database, spoken.message_id) is None:
            raise OSError

    def stop(self, thread_id: str) -> bool:
        """Stop the reply that is being given in a thread; what was shown of it stays."""
        stopped = self.stop_here(thread_id)
        if not stopped:
            self.stop_elsewhere(thread_id)
        return stopped

    def stop_here(self, thread_id: str) -> bool:
        """Stop it where this process gives it."""
        return self._turns.stop(thread_id)

    def running(self, thread_id: str) -> Reply | None:
        """The reply that is being given in a thread."""
        return self._turns.running(thread_id)

    def under_way(self, thread_id: str) -> bool:
        """Whether a message of a thread is being kept or answered, or waits for it."""
        return self._turns.under_way(thread_id)

    @property
    def is_at_work(self) -> bool:
        """Whether one of any thread is."""
        return self._turns.any_under_way

    async def close(self) -> None:
        """End what runs: it is kept as interrupted, with what was shown."""
        self._answering.close()
        await self._turns.stop_all()

    async def unanswered(self, thread_id: str) -> tuple[Row, str | None] | None:
        """As history.unanswered, for a thread in which no turn is under way."""
        if self.under_way(thread_id):
            return None
        last = await history.last_spoken(self._record.database, thread_id)
        if last is not None and await is_answered_elsewhere(self._record, last):
            self.await_elsewhere(thread_id)
            return None
        if last is None or not last.is_left(self._message_length):
            return None
        if await self.limits.is_beyond(last.message):
            return None  # No Retry would be answered.
        return None if self.under_way(thread_id) else (last.message, last.notice_id)

    async def left_unanswered(self, thread_id: str, screen: Screen) -> LeftUnanswered | None:
        """As unanswered, for who opens a thread: the first to come says under it that it was interrupted."""
        # Two who come back at once must not both say it.
        async with self._turns.opening(thread_id):
            left = await self.unanswered(thread_id)
            if left is None:
                return None
            message, notice_id = left
            if notice_id is not None:
                return LeftUnanswered(message["step_id"], notice_id)
            said = await interrupted(self._record, message, screen)
            return LeftUnanswered(message["step_id"], said["step_id"], is_new=True)

    async def _refuse(self, why: str, spoken: Spoken, screen: Screen) -> None:
        self._record.refused("message", why, spoken.participant_id)
        await screen.remove([spoken.message_id])
        await screen.say(screen.strings("chat.not_yours"))
