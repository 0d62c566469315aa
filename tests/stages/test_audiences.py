"""A turn that came in by one door is shown by every door; what is for who asked alone goes to them."""

from datetime import UTC, datetime

from stages.chat.audiences import Audiences
from stages.screen import Screen
from stages.spoken import Spoken
from study.strings import Strings, strings_in
from tests.fakes import FakeScreen

MESSAGE = Spoken("t", "ada", "m", "Hello").unfolded(datetime(2026, 11, 30, tzinfo=UTC))


class FakeDoor:
    """A door with one reader of one thread."""

    def __init__(self, thread_id: str) -> None:
        self.screen = FakeScreen()
        self._thread_id = thread_id

    def screen_of(self, participant_id: str, thread_id: str, strings: Strings) -> Screen | None:
        """Theirs, of their thread."""
        return self.screen if (participant_id, thread_id) == ("ada", self._thread_id) else None


async def shown_by(thread_id: str) -> tuple[FakeScreen, FakeDoor]:
    """A turn in the thread t, and a door beside at which somebody looks at a thread."""
    audiences, own, beside = Audiences(), FakeDoor("t"), FakeDoor(thread_id)
    audiences.join(own)
    audiences.join(beside)
    screen = audiences.shared(own.screen, own, "ada", "t")
    await screen.kept(MESSAGE)
    await screen.remove(["m"])
    await screen.say("For you alone")
    await audiences.busy(own, "ada", "t", strings_in("en"), working=True)
    return own.screen, beside


async def test_every_door_shows_it() -> None:
    """A message that is kept is shown to who did not send it."""
    own, beside = await shown_by("t")
    assert [what for what, _ in own.told] == ["kept", "remove", "say"]
    assert [what for what, _ in beside.screen.told] == ["show", "remove", "busy"]


async def test_news_that_came_in_by_no_door_reaches_all() -> None:
    """Whoever looks at the thread, by whichever door; nobody who looks at another, or is another."""
    audiences, doors = Audiences(), [FakeDoor("t"), FakeDoor("t"), FakeDoor("u")]
    for door in doors:
        audiences.join(door)
    screens = audiences.screens("ada", "t", strings_in("en"))
    assert screens == [door.screen for door in doors[:2]]
    assert audiences.screens("eve", "t", strings_in("en")) == []


async def test_another_thread_is_told_nothing() -> None:
    """Who looks at another thread of the participant's sees nothing of it."""
    _, beside = await shown_by("u")
    assert beside.screen.told == []
