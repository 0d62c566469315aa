"""Numbers that only go up."""

from data_layer.order import Order


def test_numbers_go_up_within_one_microsecond() -> None:
    """A clock that stands still gives no number twice."""
    order = Order(lambda: 5)
    assert [order.take() for _ in range(3)] == [5, 6, 7]


def test_a_clock_set_back_takes_no_number_back() -> None:
    """The next number is still greater than all before."""
    times = iter([100, 3, 4, 200])
    order = Order(lambda: next(times))
    assert [order.take() for _ in range(4)] == [100, 101, 102, 200]


def test_an_earlier_process_is_gone_on_from() -> None:
    """Its last number stays the past, whatever the clock says."""
    order = Order(lambda: 5)
    order.start_after(1000)
    order.start_after(10)
    assert order.take() == 1001
