"""What participants and researchers do, through the real record and stage, whatever the state of things."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any, Final

from agent.events import (
    CallEnded,
    CallStarted,
    Event,
    FormAsked,
    IntentBegan,
    IntentContinued,
    IntentEnded,
    IntentUpdated,
    TextDelta,
    ThinkingDelta,
)
from data_layer.coding.annotations import AnnotationPlace
from data_layer.record import Record
from data_layer.writing.writes import (
    DeleteSteps,
    DeleteThread,
    InsertRow,
    PatchRow,
    RenameThread,
    RestoreThread,
    ReturnMessage,
    ReturnThread,
    TagThread,
    UnarchiveThread,
)
from stages.chat.idle import IdleIntents
from stages.chat.intents import answer_offer
from stages.chat.stage import ChatStage
from study.errors import StudyError, WriteRefused
from study.forms import Form
from study.vocabulary import CodeColour, StudyState
from tests.data_layer.rows import new_id, rows
from tests.fakes import FakeAgent, FakeAgents
from tests.stages.talk import LIMIT, Talk

OLGA: Final = new_id()
_DRINK: Final = {"id": "drink", "kind": "choice", "label": "Which drink?", "options": ["tea", "coffee"]}
ORDER: Final = Form.model_validate({"id": "order", "items": [_DRINK]})


class World:
    """A study with a few participants; each act takes a number, which says upon what it is done.

    Args:
        record: Where it is kept.
    """

    def __init__(self, record: Record) -> None:
        self.record = record
        self.agent = FakeAgent()
        self.agent.keeps_intents = True
        self.stage = ChatStage(record, FakeAgents(self.agent), message_length=LIMIT)
        self.quiet: Talk | None = None
        self.talks: list[Talk] = []
        self._count = 0
        self._sockets = 0

    async def begin(self) -> None:
        """Two conversations of one participant, one of another; and one in which nothing happens later."""
        for name in ("Ada", "Ada", "Bob", "Quiet"):
            person = await self.record.enter(f"{name} {id(self)}", f"{name} {id(self)}".casefold())
            self.talks.append(Talk(self.stage, self.record, person.participant_id))
            await self.say(len(self.talks) - 1)
            await self.say(len(self.talks) - 1)
        await self.rate(3)
        await self.code(3)
        await self.assign(3)
        await self.finish(3)
        await self.bookmark(3)
        await self.want(3)
        await self.know(3)
        await self.get_done(3)
        self.quiet = self.talks.pop()
        await self.record.writer.flush()

    async def act(self, name: str, which: int) -> None:
        """Do something; what is refused is not done, and is no less an act."""
        deed: Callable[[int], Awaitable[Any]] = getattr(self, name)
        with contextlib.suppress(StudyError, WriteRefused):
            await deed(which)
        await self.record.writer.flush()

    async def say(self, which: int) -> None:
        """A participant says something, and is answered after some thought."""
        await self._talk(which).say(self._words())

    async def ask(self, which: int) -> None:
        """An agent asks with a form."""
        self.agent.enqueue(TextDelta("Which drink?"), FormAsked(ORDER))
        await self._talk(which).say(f"said {which}")

    async def answer(self, which: int) -> None:
        """A form is answered, if it is open; every other time on two devices at once."""
        talk = self._talk(which)
        asked = await rows(self.record, "forms", thread_id=talk.thread_id)
        for row in sorted(asked, key=lambda one: (one["state"] == "open", one["seq"]))[-1:]:
            self._words()
            sent = [talk.answer(row["form_id"], drink=drink) for drink in ("tea", "coffee")[: which % 2 + 1]]
            await asyncio.gather(*sent)

    async def want(self, which: int) -> None:
        """A participant wants something done; what was under way is abandoned for it."""
        wanted = IntentBegan("order", f"Order {which}", 0.5)
        self._next(wanted, IntentUpdated({"drink": "tea"}))
        await self._talk(which).say("Tea, please")

    async def know(self, which: int) -> None:
        """More is known of it."""
        self._next(IntentUpdated({"drink": "tea", "cups": which}, {"asks": []}))
        await self._talk(which).say(f"{which} cups")

    async def get_done(self, which: int) -> None:
        """It is completed, or cancelled."""
        ended = IntentEnded("abandoned", "cancelled") if which % 2 else IntentEnded("completed", "tool")
        self._next(ended)
        await self._talk(which).say("Yes")

    async def take_up(self, which: int) -> None:
        """The agent goes on with one that was abandoned."""
        for one in await self._abandoned(which):
            self._next(IntentContinued(one))
            await self._talk(which).say("I am back")

    async def answer_offer(self, which: int) -> None:
        """Its participant goes on with it by a button, or will not."""
        talk = self._talk(which)
        for one in await self._abandoned(which):
            spoken, goes_on = talk.spoken(""), which % 2 == 0
            await answer_offer(self.record, spoken, one, talk.screen, goes_on=goes_on)

    async def sweep(self, which: int) -> None:
        """What is under way is left for long, and abandoned; by two processes at once."""
        idle = IdleIntents(self.record, 0)
        await asyncio.gather(idle.sweep(), idle.sweep())

    async def begin_another(self, which: int) -> None:
        """A participant begins another conversation."""
        self.talks.append(Talk(self.stage, self.record, self._talk(which).participant_id))
        await self.say(len(self.talks) - 1)

    async def fail(self, which: int) -> None:
        """An answer breaks off."""
        self.agent.enqueue(TextDelta("It was"), RuntimeError("gone"))
        await self._talk(which).say("Why?")

    async def edit(self, which: int) -> None:
        """A message is said otherwise."""
        await self._talk(which).edit(await self._message(which), self._words())

    async def again(self, which: int) -> None:
        """A message is answered anew."""
        self._words()
        await self._talk(which).again(await self._message(which))

    async def walk(self, which: int) -> None:
        """The first branch is shown, or the second."""
        await self._talk(which).walk(await self._message(which), which % 2 + 1)

    async def walk_answers(self, which: int) -> None:
        """The first answer is shown, or the second."""
        await self._talk(which).walk(await self._reply(which), which % 2 + 1)

    async def remove_message(self, which: int) -> None:
        """A message is taken off the screen."""
        by = self._talk(which).participant_id
        await self._submit(DeleteSteps((await self._message(which),), self.record.now(), "removed", by=by))

    async def return_message(self, which: int) -> None:
        """A researcher brings a message back."""
        gone = [row for row in await self._talk(which).steps() if row["deleted_because"] == "removed"]
        for row in gone[:1]:
            await self._submit(ReturnMessage(row["thread_id"], row["step_id"], self.record.now(), OLGA))

    async def delete(self, which: int) -> None:
        """A conversation is deleted."""
        talk = self._talk(which)
        await self._submit(DeleteThread(talk.thread_id, self.record.now(), talk.participant_id))

    async def restore(self, which: int) -> None:
        """Its participant brings it back."""
        talk = self._talk(which)
        await self._submit(RestoreThread(talk.thread_id, self.record.now(), talk.participant_id))

    async def unarchive(self, which: int) -> None:
        """Its participant brings it back from the archive; in a study with a cap another makes room."""
        talk = self._talk(which)
        await self._submit(UnarchiveThread(talk.thread_id, self.record.now(), talk.participant_id))

    async def return_thread(self, which: int) -> None:
        """A researcher brings it back."""
        await self._submit(ReturnThread(self._talk(which).thread_id, self.record.now(), OLGA))

    async def rename(self, which: int) -> None:
        """It gets a title."""
        talk = self._talk(which)
        await self._submit(
            RenameThread(talk.thread_id, self._words(), self.record.now(), talk.participant_id)
        )

    async def tag(self, which: int) -> None:
        """It gets a tag."""
        await self._submit(TagThread(self._talk(which).thread_id, (f"tag {which}",), self.record.now(), None))

    async def rate(self, which: int) -> None:
        """A reply is rated, or rated anew."""
        talk = self._talk(which)
        await self.record.ratings.put(talk.participant_id, await self._reply(which), which % 2, self._words())

    async def take_back(self, which: int) -> None:
        """A rating is taken back."""
        await self.record.ratings.take_back(self._talk(which).participant_id, await self._reply(which))

    async def bookmark(self, which: int) -> None:
        """A message gets a bookmark."""
        await self.record.bookmarks.put(self._talk(which).participant_id, await self._reply(which))

    async def unmark(self, which: int) -> None:
        """It loses it."""
        await self.record.bookmarks.remove(self._talk(which).participant_id, await self._reply(which))

    async def share(self, which: int) -> None:
        """A link is made."""
        talk = self._talk(which)
        await self.record.shares.make(talk.participant_id, talk.thread_id, 7)

    async def unshare(self, which: int) -> None:
        """It is ended."""
        talk = self._talk(which)
        for row in (await self.record.shares.of_thread(talk.participant_id, talk.thread_id))[:1]:
            await self.record.shares.end(talk.participant_id, talk.thread_id, row["share_id"])

    async def code(self, which: int) -> None:
        """A thread is given a code, of a codebook that grows with it."""
        code = await self.record.codebook.add(f"Code {self._words()}", "", CodeColour.ORANGE, OLGA, "Olga")
        place = AnnotationPlace(self._talk(which).thread_id)
        await self.record.annotations.give_code(place, code.code_id, OLGA, "Olga")

    async def rename_code(self, which: int) -> None:
        """A code gets another name."""
        codes = await self.record.codebook.current()
        if codes:
            which %= len(codes)
            await self.record.codebook.change(codes[which].code_id, OLGA, "Olga", name=self._words())

    async def uncode(self, which: int) -> None:
        """What was coded is taken away, and every other time brought back."""
        found = await rows(self.record, "annotations", thread_id=self._talk(which).thread_id)
        ids = [row["annotation_id"] for row in found]
        done = await self.record.annotations.remove(ids, OLGA)
        if which % 2 or not done:
            await self.record.annotations.bring_back(ids, OLGA)

    async def assign(self, which: int) -> None:
        """Somebody is to code a thread, or no more."""
        ids = [self._talk(which).thread_id]
        if not await self.record.coding_tasks.given.give(ids, OLGA, OLGA):
            await self.record.coding_tasks.given.end(ids, OLGA)

    async def finish(self, which: int) -> None:
        """A coder has coded a thread."""
        await self.record.coding_tasks.finish(self._talk(which).thread_id, OLGA)

    async def finish_not(self, which: int) -> None:
        """Or has not, after all."""
        await self.record.coding_tasks.finish(self._talk(which).thread_id, OLGA, finished=False)

    async def connect(self, which: int) -> None:
        """A page opens."""
        talk, self._sockets = self._talk(which), self._sockets + 1
        ids = {"session_id": new_id(), "participant_id": talk.participant_id, "thread_id": talk.thread_id}
        self.record.connections.opened(f"socket {self._sockets}", user_agent="Browser", **ids)

    async def disconnect(self, which: int) -> None:
        """It closes."""
        self.record.connections.closed(f"socket {which % (self._sockets + 1)}", "transport close")

    async def attach(self, which: int) -> None:
        """Something is shown beside a message, and renewed."""
        ids = {"thread_id": self._talk(which).thread_id, "message_id": await self._reply(which)}
        row = {"element_id": new_id(), "type": "text", "name": "Notes", **ids}
        for words in ("one", "two"):
            await self.record.elements.put(
                None, self.record.take_order(), row | {"props": {"is": words}}, None
            )

    async def pause(self, which: int) -> None:
        """The study is paused, or opened."""
        state = StudyState.PAUSED if which % 2 else StudyState.OPEN
        await self.record.controls.change(state, OLGA, "Olga")

    async def killed(self, which: int) -> None:
        """A server is killed while it answers, and the next start marks what it left open."""
        talk, run = self._talk(which), new_id()
        ids = {"run_id": run, "thread_id": talk.thread_id, "status": "streaming"}
        opened = {"seq": self.record.take_order(), "name": "on_message", "started_at": self.record.now()}
        await self._submit(InsertRow("runs", ids | opened))
        await self._submit(PatchRow("runs", {"run_id": run}, {"agent": "Agent"}))
        if which % 2:
            await self.recover(which)

    async def recover(self, which: int) -> None:
        """The next start."""
        from data_layer.writing.recovery import mark_interrupted

        gone = {self.record.writer.process_id}
        await mark_interrupted(self.record.database, self.record.writer, self.record.now, gone, nobodys=True)

    async def withdraw(self, which: int) -> None:
        """A participant withdraws."""
        if len(self.talks) > 2 and which > 4:
            await self.record.withdrawals.withdraw(self._talk(which).participant_id, "participant")

    def _talk(self, which: int) -> Talk:
        return self.talks[which % len(self.talks)]

    def _words(self) -> str:
        self._count += 1
        words = (ThinkingDelta("Hm."), TextDelta(f"answer {self._count}"))
        called = CallStarted("fake", "m", [{"role": "user", "content": f"said {self._count}"}])
        self.agent.enqueue(called, *words, CallEnded(finish_reason="stop"))
        return f"said {self._count}"

    def _next(self, *moves: Event) -> None:
        """The next reply moves an intent."""
        called = CallStarted("fake", "m", [{"role": "user", "content": "Please"}])
        self.agent.do_next(called, *moves, TextDelta("All right."), CallEnded(finish_reason="stop"))

    async def _abandoned(self, which: int) -> list[str]:
        """The intent of a conversation that was abandoned last, where there is one."""
        found = await rows(self.record, "intents", thread_id=self._talk(which).thread_id)
        left = [row for row in found if row["state"] == "abandoned" and row["deleted_at"] is None]
        return [row["intent_id"] for row in sorted(left, key=lambda one: one["seq"])[-1:]]

    async def _message(self, which: int) -> str:
        return await self._standing(which, "user_message")

    async def _reply(self, which: int) -> str:
        return await self._standing(which, "assistant_message")

    async def _standing(self, which: int, kind: str) -> str:
        steps = await self._talk(which).steps()
        stand = [row["step_id"] for row in steps if row["type"] == kind and row["deleted_at"] is None]
        return str(stand[which % len(stand)]) if stand else new_id()

    async def _submit(self, write: Any) -> None:
        await self.record.writer.submit(write)


ACTS: Final = sorted(
    name
    for name, deed in vars(World).items()
    if callable(deed) and not name.startswith("_") and name not in {"begin", "act"}
)
