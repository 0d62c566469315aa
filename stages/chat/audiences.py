"""Who sees a thread, by whichever door they came: what one screen of a participant shows, all show.

A door is a way in for participants: the page, the API. Each knows those of its own that look at a thread, and
gives a screen that reaches all of them. A turn that came in by one door is shown by it, and by every other.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from data_layer.database.rows import Row
from stages.chat.left import Left
from stages.screen import Screen
from study.strings import Strings


class Audience(Protocol):
    """Those who look at threads by one door."""

    def screen_of(self, participant_id: str, thread_id: str, strings: Strings) -> Screen | None:
        """A screen of all who look at a participant's thread now; None while nobody does."""


class Audiences:
    """The doors of this process."""

    def __init__(self) -> None:
        self._doors: list[Audience] = []

    def join(self, door: Audience) -> None:
        """From now on turns of other doors are shown by this one too."""
        self._doors.append(door)

    def shared(self, own: Screen, door: Audience, participant_id: str, thread_id: str) -> Screen:
        """A screen of a turn that came in by one door, and is shown by all.

        Args:
            own: Where it came from.
            door: By which.
            participant_id: Whose thread.
            thread_id: Which.
        """
        if all(one is door for one in self._doors):
            return own
        return _Shared(own, _Others(self._doors, door, participant_id, thread_id))

    def screens(self, participant_id: str, thread_id: str, strings: Strings) -> list[Screen]:
        """Screens of all who look at a participant's thread, by every door: for news that came in by none."""
        return _Others(self._doors, None, participant_id, thread_id).screens(strings)

    async def busy(
        self, door: Audience, participant_id: str, thread_id: str, strings: Strings, *, working: bool
    ) -> None:
        """Tell those at other doors that an agent is at work in a thread, or is done."""
        for screen in _Others(self._doors, door, participant_id, thread_id).screens(strings):
            await screen.busy(working)


class _Others:
    """Those at every door, or all but one: asked anew for each thing that is shown; people come and go."""

    def __init__(
        self, doors: Sequence[Audience], door: Audience | None, participant_id: str, thread_id: str
    ) -> None:
        self._doors = doors
        self._door = door
        self._participant_id = participant_id
        self._thread_id = thread_id

    def screens(self, strings: Strings) -> list[Screen]:
        """Theirs."""
        seen = (
            one.screen_of(self._participant_id, self._thread_id, strings)
            for one in self._doors
            if one is not self._door
        )
        return [screen for screen in seen if screen is not None]


class _Shared:
    """A screen, and all others of its thread. What is said to one reader alone goes to that screen only."""

    def __init__(self, own: Screen, others: _Others) -> None:
        self._own = own
        self._others = others

    @property
    def strings(self) -> Strings:
        return self._own.strings

    def _all(self) -> list[Screen]:
        return [self._own, *self._others.screens(self._own.strings)]

    async def kept(self, message: Row) -> None:
        await self._own.kept(message)
        for screen in self._others.screens(self._own.strings):
            await screen.show(message)

    async def show(self, step: Row) -> None:
        for screen in self._all():
            await screen.show(step)

    async def show_run(self, run: Row) -> None:
        for screen in self._all():
            await screen.show_run(run)

    async def show_element(self, element: Row) -> None:
        for screen in self._all():
            await screen.show_element(element)

    async def show_form(self, form: Row) -> None:
        for screen in self._all():
            await screen.show_form(form)

    async def form_refused(self, form_id: str, errors: Mapping[str, Row]) -> None:
        await self._own.form_refused(form_id, errors)

    async def begin(self, message: Row) -> None:
        for screen in self._all():
            await screen.begin(message)

    async def more(self, step_id: str, text: str) -> None:
        for screen in self._all():
            await screen.more(step_id, text)

    async def remove(self, step_ids: Sequence[str]) -> None:
        for screen in self._all():
            await screen.remove(step_ids)

    async def redraw(self, thread: Row) -> None:
        for screen in self._all():
            await screen.redraw(thread)

    async def mark(self, marks: Mapping[str, Row]) -> None:
        for screen in self._all():
            await screen.mark(marks)

    async def show_intents(self, thread_id: str, shown: Sequence[Row]) -> None:
        for screen in self._all():
            await screen.show_intents(thread_id, shown)

    async def offer_retry(self, notice_id: str, message_id: str) -> None:
        for screen in self._all():
            await screen.offer_retry(notice_id, message_id)

    async def busy(self, working: bool) -> None:
        for screen in self._all():
            await screen.busy(working)

    async def left(self, left: Left) -> None:
        for screen in self._all():
            await screen.left(left)

    async def say(self, text: str) -> None:
        await self._own.say(text)
