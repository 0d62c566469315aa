"""Doing something in a thread that the chat stage answers for; where it was not done, the answer says why.

The stage tells a screen what it will not do, in a passing line for its reader; here it becomes the answer.
"""

from collections.abc import Mapping
from typing import Annotated, Final

from fastapi import Depends

from api.caller import Participant
from api.common import Language, Turns
from api.context import ApiContext, Context, SignedIn
from api.live.events import ComponentEvent, ErrorEvent, StatusEvent
from api.live.hub import LiveListener, TurnEnded
from api.problem import ApiProblem
from api.turns import ApiTurns, Work
from stages.spoken import Spoken
from study.strings import Strings

# Sentences of the stage's (study/strings.yaml), and what they come to here.
_SAID: Final[Mapping[str, tuple[int, str]]] = {
    "chat.not_yours": (409, "cannot_be_done"),
    "chat.not_now": (503, "not_now"),
    "closing.ended": (403, "study_ended"),
    "page.limits_thread": (403, "limit_reached"),
    "page.limits_participant": (403, "limit_reached"),
}
_RETRY: Final = {"Retry-After": "60"}


class ThreadDeed:
    """Does it, and waits until it is done.

    Args:
        context: What the API stands on.
        turns: Runs it.
        who: Whose doing.
        strings: In their language.
    """

    def __init__(self, context: ApiContext, turns: ApiTurns, who: SignedIn, strings: Strings) -> None:
        self._context = context
        self._turns = turns
        self._who = who
        self._strings = strings

    def spoken(self, thread_id: str, message_id: str, text: str = "") -> Spoken:
        """What is meant, as the stage takes it."""
        agent = self._context.agents.default.name
        return Spoken(thread_id, self._who.participant_id, message_id, text, agent)

    async def check_may_speak(self, thread_id: str) -> None:
        """See that a participant may say something now: api/turns.py.

        Raises:
            ApiProblem: They may not.
        """
        await self._turns.check_may_speak(thread_id)

    async def do(
        self, spoken: Spoken, work: Work, *, about: str | None = "", speaks: bool = True
    ) -> list[ComponentEvent]:
        """Do something.

        Args:
            spoken: Where, and about which message.
            work: What the stage does with it, on a screen.
            about: The participant's message that it is about, where that is another; None for none.
            speaks: Whether an agent may have to answer it; else how often it is done is limited here.

        Returns:
            What was shown on the way, beside words that grow.

        Raises:
            ApiProblem: It was not done.
        """
        if not speaks:
            self._turns.check_turning()
        about = spoken.message_id if about == "" else about
        with self._turns.connected(spoken.thread_id) as listener:
            await self._turns.run(spoken, listener, work, about=about)
            return await self._told(listener, about)

    async def _told(self, listener: LiveListener, about: str | None) -> list[ComponentEvent]:
        shown: list[ComponentEvent] = []
        while (told := await listener.next()) is not None:
            if isinstance(told, TurnEnded):
                if told.message_id == about:
                    break
            elif isinstance(told, ComponentEvent):
                shown.append(told)
            elif isinstance(told, ErrorEvent):
                raise ApiProblem(500, told.code, told.detail)
            elif isinstance(told, StatusEvent) and told.state == "said":
                self._check(told.text or "")
        return shown

    def _check(self, text: str) -> None:
        for key, (status, code) in _SAID.items():
            if text == self._strings(key):
                raise ApiProblem(status, code, text, headers=_RETRY if status == 503 else None)


def _doing(context: Context, turns: Turns, who: Participant, strings: Language) -> ThreadDeed:
    return ThreadDeed(context, turns, who, strings)


Does = Annotated[ThreadDeed, Depends(_doing)]
