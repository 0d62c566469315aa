"""Numbers that only go up."""

from datetime import UTC, datetime

from data_layer.database.order import WriteOrder, utc_now


def test_numbers_go_up_within_one_microsecond() -> None:
    """A clock that stands still gives no number twice."""
    order = WriteOrder(lambda: 5)
    assert [order.take() for _ in range(3)] == [5, 6, 7]


def test_the_first_number_is_one() -> None:
    """Where the clock stands at zero."""
    assert WriteOrder(lambda: 0).take() == 1


def test_a_clock_set_back_takes_no_number_back() -> None:
    """The next number is still greater than all before."""
    times = iter([100, 3, 4, 200])
    order = WriteOrder(lambda: next(times))
    assert [order.take() for _ in range(4)] == [100, 101, 102, 200]


def test_an_earlier_process_is_gone_on_from() -> None:
    """Its last number stays the past, whatever the clock says."""
    order = WriteOrder(lambda: 5)
    order.start_after(1000)
    order.start_after(10)
    assert order.take() == 1001


def test_the_real_clock_is_utc() -> None:
    """Whatever the machine's zone: a moment without one could not be compared."""
    assert utc_now().tzinfo is UTC
    assert abs((utc_now() - datetime.now(UTC)).total_seconds()) < 60


def test_numbers_are_microseconds_since_1970() -> None:
    """So that they go on from an earlier process's, which began at another time."""
    before = datetime.now(UTC).timestamp()
    assert before * 1_000_000 - 1 <= WriteOrder().take() <= before * 1_000_000 + 60_000_000
