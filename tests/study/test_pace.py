"""How fast somebody may do something."""

import pytest

from study import pace
from study.pace import RateLimiter


class Seconds:
    """A clock that is turned by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        """What it shows."""
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    """The time."""
    return Seconds()


def test_so_many_come_at_once_and_no_more(seconds: Seconds) -> None:
    """After a rest, all that is allowed together; then none."""
    held = RateLimiter(3, 1.0, seconds)
    assert [held.allows("ada") for _ in range(5)] == [True, True, True, False, False]


def test_one_more_comes_as_soon_as_it_is_due(seconds: Seconds) -> None:
    """Half a second at two a second; and what was refused did not count."""
    held = RateLimiter(2, 2.0, seconds)
    assert [held.allows("ada") for _ in range(10)].count(True) == 2
    assert held.wait_s("ada") == pytest.approx(0.5)
    seconds.now += 0.5
    assert held.wait_s("ada") == 0
    assert [held.allows("ada"), held.allows("ada")] == [True, False]


def test_for_ever_it_is_the_pace(seconds: Seconds) -> None:
    """However it is tried, in an hour no more come than the pace and what was allowed at once."""
    held = RateLimiter(30, 0.5, seconds)
    came = 0
    for _ in range(36_000):
        came += held.allows("ada")
        seconds.now += 0.1
    assert came == pytest.approx(30 + 1800, abs=2)


def test_a_rest_gives_all_of_it_back_and_not_more(seconds: Seconds) -> None:
    """A day later it is as at the beginning."""
    held = RateLimiter(3, 1.0, seconds)
    for _ in range(4):
        held.allows("ada")
    seconds.now += 86_400
    assert [held.allows("ada") for _ in range(4)] == [True, True, True, False]


def test_each_has_their_own(seconds: Seconds) -> None:
    """One's flood holds nobody else up."""
    held = RateLimiter(1, 1.0, seconds)
    assert [held.allows("ada"), held.allows("ada"), held.allows("bob")] == [True, False, True]


def test_it_does_not_grow_for_ever(seconds: Seconds, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever was not seen for longest is forgotten, never whoever floods."""
    monkeypatch.setattr(pace, "_MOST", 3)
    held = RateLimiter(1, 1.0, seconds)
    held.allows("ada")
    for other in range(20):
        held.allows(f"other {other}")
        assert not held.allows("ada")
    assert len(held._due) == 3
    assert not held.allows("other 19")
    assert held.allows("other 0")


@pytest.mark.parametrize("now", [0.0, 100.0])
def test_who_has_asked_for_nothing_waits_for_nothing(seconds: Seconds, now: float) -> None:
    """Whatever the clock shows."""
    seconds.now = now
    assert RateLimiter(1, 1.0, seconds).wait_s("ada") == 0
