"""What is said over a socket, on its way to the chat stage: as the same request would be."""

from datetime import UTC, datetime

from api.live.commands import (
    AgainMessage,
    AnyMessage,
    BranchMessage,
    EditMessage,
    FormMessage,
    OfferMessage,
    SayMessage,
    StopMessage,
)
from api.live.events import StatusEvent
from api.live.hub import LiveListener
from api.own import check_offered, own_message
from api.problem import ApiProblem, no_such
from api.turns import ApiTurns, Work, check_words, made_id
from data_layer.conversations import branches
from data_layer.database.rows import Row
from stages.chat.forms import FormSent
from stages.screen import Screen
from stages.spoken import Spoken
from study.strings import Strings
from study.vocabulary import StepType


class SocketTurns:
    """Takes a program's messages.

    Args:
        turns: Where they are said.
        thread_id: In which thread.
        listener: Who is told what comes of them.
    """

    def __init__(self, turns: ApiTurns, thread_id: str, listener: LiveListener) -> None:
        self._turns = turns
        self._context = turns.context
        self._who = turns.door.who
        self._thread_id = thread_id
        self._listener = listener
        self.strings: Strings = turns.door.strings

    async def take(self, message: AnyMessage) -> None:
        """Do what a message says, as far as that is begun: its turn goes on by itself.

        Raises:
            ApiProblem: It cannot be done now.
            WriteRefused: Likewise.
        """
        match message:
            case SayMessage():
                await self._say(message)
            case EditMessage():
                await self._edit(message)
            case AgainMessage():
                await self._again(message)
            case BranchMessage():
                await self._walk(message)
            case FormMessage():
                await self._answer_form(message)
            case OfferMessage():
                await self._answer_offer(message)
            case StopMessage():
                await self._turns.stop(self._thread_id)
                self._taken(message, None)
            case _:
                raise ApiProblem(409, "known_already", "This socket has said already who it is.")

    async def _say(self, said: SayMessage) -> None:
        if not said.files:
            check_words(said.content)
        message_id = made_id(self._who.participant_id, f"message {self._thread_id}", said.key)
        known = said.key is not None and await self._turns.said_already(
            self._thread_id, message_id, said.content
        )
        if known:
            self._taken(said, message_id)
            return
        await self._turns.check_may_speak(self._thread_id)
        files = await self._turns.attached(message_id, tuple(said.files))
        agent = self._context.agents.default.name
        whose = self._who.participant_id
        spoken = Spoken(self._thread_id, whose, message_id, said.content, agent, files=files)
        self._begin(said, spoken, self._context.stage.hear, about=message_id)

    async def _edit(self, said: EditMessage) -> None:
        row = await self._message(said.message_id)
        if row["type"] != StepType.USER_MESSAGE:
            raise no_such("message")
        check_words(said.content)
        await self._turns.check_may_speak(self._thread_id)
        spoken = self._spoken(said.message_id, said.content)
        self._begin(said, spoken, self._context.stage.edit, about=said.message_id)

    async def _again(self, said: AgainMessage) -> None:
        question = await self._question(said.message_id)
        await self._turns.check_may_speak(self._thread_id)
        self._begin(said, self._spoken(question), self._context.stage.again, about=question)

    async def _walk(self, said: BranchMessage) -> None:
        question = await self._question(said.message_id)
        self._turns.check_turning()
        stage, number = self._context.stage, said.number

        async def walk(spoken: Spoken, screen: Screen) -> None:
            await stage.show_branch(spoken, number, screen)

        self._begin(said, self._spoken(said.message_id), walk, about=question)

    async def _answer_form(self, said: FormMessage) -> None:
        await self._turns.check_may_speak(self._thread_id)
        touched = {item: datetime.fromtimestamp(ms / 1000, UTC) for item, ms in said.touched.items()}
        sent = FormSent(said.form_id, said.values, touched, said.changes)
        message_id = made_id(self._who.participant_id, f"form {said.form_id}", said.key)
        stage = self._context.stage

        async def answer(spoken: Spoken, screen: Screen) -> None:
            await stage.answer_form(spoken, sent, screen)

        self._begin(said, self._spoken(message_id), answer, about=message_id)

    async def _answer_offer(self, said: OfferMessage) -> None:
        await check_offered(self._context, self._thread_id, said.intent_id)
        self._turns.check_turning()
        stage = self._context.stage

        async def answer(spoken: Spoken, screen: Screen) -> None:
            await stage.answer_offer(spoken, said.intent_id, screen, goes_on=said.goes_on)

        self._begin(said, self._spoken(""), answer, about=None)

    def _begin(self, said: AnyMessage, spoken: Spoken, work: Work, *, about: str | None) -> None:
        self._taken(said, about)
        self._turns.run(spoken, self._listener, work, about=about)

    def _taken(self, said: AnyMessage, message_id: str | None) -> None:
        taken = StatusEvent(thread_id=self._thread_id, state="taken", message_id=message_id, ref=said.ref)
        self._listener.tell(taken)

    def _spoken(self, message_id: str, text: str = "") -> Spoken:
        return Spoken(self._thread_id, self._who.participant_id, message_id, text)

    async def _message(self, message_id: str) -> Row:
        return await own_message(self._context, self._who, self._thread_id, message_id)

    async def _question(self, message_id: str) -> str:
        row = await self._message(message_id)
        return await branches.question_of(self._context.record.database, row["step_id"]) or message_id
