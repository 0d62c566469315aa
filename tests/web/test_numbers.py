"""Numbers, amounts and lengths of time in English words."""

from datetime import timedelta

import pytest

from web.numbers import counted, number, price, size, span


def test_one_is_singular() -> None:
    """And a thousand has its comma."""
    assert [counted(n, "thread") for n in (0, 1, 1000)] == ["0 threads", "1 thread", "1,000 threads"]
    assert [counted(n, "reply", "replies") for n in (1, 2)] == ["1 reply", "2 replies"]


def test_sizes_are_for_people() -> None:
    """In the unit that keeps them short."""
    assert [size(n) for n in (12, 4096, 5 * 1024**3, 3 * 1024**4)] == ["12 bytes", "4 KB", "5 GB", "3.0 TB"]


def test_what_is_not_known_is_a_dash() -> None:
    """And is not read as nothing."""
    assert (number(None), number(0), number(12345)) == ("–", "0", "12,345")
    assert span(None) == "–"


@pytest.mark.parametrize(
    ("value", "said"), [(0, "0.00"), (1234.567, "1,234.57"), (0.5, "0.50"), (0.00123, "0.0012")]
)
def test_an_amount_has_two_digits_that_say_something(value: float, said: str) -> None:
    """A call costs fractions of a cent."""
    assert price(value) == said


@pytest.mark.parametrize(
    ("lasted", "said"),
    [
        (0, "0 ms"),
        (999, "999 ms"),
        (1500, "1.5 s"),
        (11_400, "11 s"),
        (119_000, "119 s"),
        (timedelta(minutes=2), "2 minutes"),
        (timedelta(hours=3), "3 hours"),
        (timedelta(days=9), "9 days"),
    ],
)
def test_a_length_of_time_is_said_in_its_unit(lasted: timedelta | float, said: str) -> None:
    """Milliseconds, or what Python reckons with; never one minute, which would hide its seconds."""
    assert span(lasted) == said
