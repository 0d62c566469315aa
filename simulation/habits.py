"""What a participant does about what a reply has under it: a form, buttons, an offer to go on.

A form is sent in place of the script's next line, which answers the same question in words; so a dialog that
is spoken stays in step with its agent.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any, Final
from uuid import UUID

from simulation.browser import Browser
from simulation.conversation import Conversation
from simulation.lines import FormLine, ScriptLine
from study.forms import Form, ItemKind
from study.forms.bounds import bounds_of
from study.forms.filling import filled, spoiled

# A form that is answered may bring another; somebody who is asked without end goes on with the script.
MOST_IN_A_ROW: Final = 5


@dataclass(frozen=True)
class Habits:
    """How often somebody does what.

    Args:
        answers: Of the forms, how many are filled in and sent; the others are left for what is said next.
        slips: Of those that are sent, how many with a wrong answer first.
        goes_on: Of the intents that were left and are offered, how many are gone on with; None for leaving
            the offer where it is.
        presses: Whether a button is pressed that says what the script says next.
    """

    answers: float = 0.8
    slips: float = 0.15
    goes_on: float | None = 0.6
    presses: bool = True


# The script's lines, and no more.
NONE: Final = Habits(0.0, 0.0, None, presses=False)


class Hand:
    """Fills in the forms of one thread.

    Args:
        conversation: The thread.
        browser: Takes uploads.
        habits: How often what is done.
    """

    def __init__(self, conversation: Conversation, browser: Browser, habits: Habits) -> None:
        self._conversation = conversation
        self._browser = browser
        self._habits = habits
        self._chance = Random(f"{browser.name} {conversation.name}")  # noqa: S311 - no secret hangs on it
        self._seen: set[str] = set()

    def instead(self, line: ScriptLine) -> ScriptLine:
        """What is sent where a line stands in the script: the line, or under its id a form or a button."""
        if line.message_id in self._conversation.screen.steps:
            return line  # said in an earlier run
        form = self.form(line)
        if form is not None:
            return form
        mark = self._conversation.screen.open_form
        if mark is None or not self._habits.presses:
            return line
        form_of = Form.model_validate(mark["definition"])
        for option in form_of.asked[0].options if form_of.is_buttons else ():
            if str(option.label).casefold() == line.text.casefold():
                return self._form_line(line, mark, form_of, {form_of.asked[0].id: option.value})
        return line

    def form(self, line: ScriptLine | None = None) -> FormLine | None:
        """The form that is filled in now; None where there is none, or it is left. Each is thought of once.

        Args:
            line: In whose place it is sent; left out, after all of the script.
        """
        mark = self._conversation.screen.open_form
        if mark is None or mark["id"] in self._seen:
            return None
        self._seen.add(mark["id"])
        if self._chance.random() >= self._habits.answers:
            return None
        form = Form.model_validate(mark["definition"])
        new = str(UUID(int=self._chance.getrandbits(128), version=4))
        sent = self._form_line(line or ScriptLine(new, ""), mark, form)
        if not form.is_buttons and self._chance.random() < self._habits.slips:
            sent.slip = spoiled(form, filled(form, self._chance), self._chance)
        return sent

    async def answer_offer(self) -> bool | None:
        """Take up what is offered or not: which of the two; None where nothing is."""
        if self._habits.goes_on is None:
            return None
        await self._conversation.open()  # a page that was left for long lets its connection rest
        if self._conversation.screen.offered is None:
            return None
        goes_on = self._chance.random() < self._habits.goes_on
        await self._conversation.answer_offer(goes_on=goes_on)
        return goes_on

    def _form_line(
        self, line: ScriptLine, mark: Mapping[str, Any], form: Form, pressed: dict[str, Any] | None = None
    ) -> FormLine:
        async def fill() -> dict[str, Any]:
            return pressed or filled(form, self._chance, await self._uploads(form))

        return FormLine(line.message_id, line.text, line.answered, form_id=str(mark["id"]), fill=fill)

    async def _uploads(self, form: Form) -> dict[str, list[str]]:
        asked = [item for item in form.asked if item.kind == ItemKind.FILE]
        session_id = self._conversation.session_id
        return {
            item.id: [
                await self._browser.upload(session_id) for _ in range(max(1, int(bounds_of(item)[0] or 1)))
            ]
            for item in asked
        }
