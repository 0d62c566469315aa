"""Collections leave out what stays anyway."""

import gc
from collections.abc import Iterator

import pytest

from web.memory import spare_loaded


@pytest.fixture
def thawed() -> Iterator[None]:
    """As a process begins; afterwards as much is spared as before (tests/conftest.py)."""
    before = gc.get_threshold()
    spared = gc.get_freeze_count()
    gc.unfreeze()
    gc.set_threshold(700, 10, 10)
    yield
    gc.unfreeze()
    gc.set_threshold(*before)
    if spared:
        gc.freeze()


@pytest.mark.usefixtures("thawed")
def test_what_is_loaded_is_left_out_and_what_comes_later_is_not() -> None:
    """A module's dictionary is not looked at any more; a circle that is made later is found."""
    spare_loaded()
    assert gc.get_freeze_count() > 10_000
    assert not any(each is vars(pytest) for each in gc.get_objects())
    circle: list[object] = []
    circle.append(circle)
    del circle
    assert gc.collect() > 0


@pytest.mark.usefixtures("thawed")
def test_ten_thousand_new_objects_call_for_no_look() -> None:
    """As many as the largest batch of messages holds at once."""
    spare_loaded()
    gc.collect()
    looks = [generation["collections"] for generation in gc.get_stats()]
    made: list[list[object]] = [[] for _ in range(10_000)]
    assert [generation["collections"] for generation in gc.get_stats()] == looks
    assert len(made) == 10_000
