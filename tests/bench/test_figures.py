"""Figures are found again by their names, and compared as what they are."""

import pytest

from bench.cold_start import Start
from bench.cold_start import as_json as starts_as_json
from bench.cost import Cost, as_json
from bench.figures import beside, by_name
from bench.plan import BENCHES, PlannedBench


def planned(name: str) -> PlannedBench:
    """One of the benches."""
    return next(bench for bench in BENCHES if bench.name == name)


def cost(milliseconds: float) -> Cost:
    """Everything costs the same."""
    return Cost(*[milliseconds] * 8)


def test_rows_are_named_by_what_tells_them_apart() -> None:
    """By words as they are, by a number with its field."""
    rows = [{"app": "stock Chainlit", "participants": 50, "reply": {"p95": 1.5}, "errors": []}]
    assert by_name(rows, ("app", "participants")) == {
        "stock_chainlit_participants_50": {"reply": {"p95": 1.5}, "errors": []}
    }


def test_rows_below_a_name_are_named_as_well() -> None:
    """As the bench of long threads writes them."""
    document = {"threads": [{"messages": 100, "visible_s": 1.6}], "waits": {"saves_s": 0.1}}
    assert by_name(document, ("messages",)) == {
        "threads": {"messages_100": {"visible_s": 1.6}},
        "waits": {"saves_s": 0.1},
    }


def test_the_cost_of_a_participant_has_its_published_shape() -> None:
    """Each figure as ours and the peer's, in milliseconds, below `cost`."""
    written = as_json(cost(2.0), cost(6.0), (Start(1.0, 2.0), Start(0.0, 2.0)))
    assert list(written) == ["cost"]
    for name in ("sign_in", "message", "page_load", "frame", "idle_minute"):
        assert written["cost"][name] == {"ours_ms": 2.0, "peer_ms": 6.0}
    assert planned("cost").figures(written) == written["cost"]


def test_processor_time_that_grew_by_more_than_a_tenth_is_worse() -> None:
    """Ours alone; a tenth and less is how runs differ by themselves."""
    starts = Start(1.0, 2.0), Start(0.0, 2.0)
    earlier, now = (as_json(cost(ms), cost(ms), starts)["cost"] for ms in (2.0, 2.3))
    found = {one.name: one for one in beside(earlier, now, planned("cost").cpu)}
    assert found["sign_in.ours_ms"].is_worse
    assert found["sign_in.ours_ms"].ratio == pytest.approx(1.15)
    assert not found["sign_in.peer_ms"].is_worse
    assert not found["memory.ours_kb"].is_worse
    assert found["cold_start.ours_s"].is_cpu
    assert not found["cold_start.ours_s"].is_worse


def test_less_is_not_worse() -> None:
    """Half of what it was."""
    (one,) = beside({"ours_ms": 2.0}, {"ours_ms": 1.0}, ("*ours_ms",))
    assert one.ratio == 0.5
    assert not one.is_worse


@pytest.mark.parametrize("earlier", [0.0, -0.4])
def test_nothing_has_no_ratio(earlier: float) -> None:
    """A minute of being idle may come out as nothing, or less."""
    (one,) = beside({"ours_ms": earlier}, {"ours_ms": 1.0}, ("*",))
    assert one.ratio is None
    assert not one.is_worse


def test_what_one_run_lacks_is_left_out() -> None:
    """A figure that is new has nothing beside it."""
    assert [one.name for one in beside({"a": 1, "gone": 2}, {"a": 1, "new": 3, "flag": True})] == ["a"]


def test_a_cold_start_has_parts_beside_the_peers() -> None:
    """In the shape of the costs, so that it is compared as they are."""
    written = planned("cold-start").figures(starts_as_json(Start(1.5, 2.0), Start(0.0, 2.0)))
    assert written["whole"] == {"ours_s": 3.5, "peer_s": 2.0}
    compared = beside(written, written, planned("cold-start").cpu)
    assert {one.name for one in compared if one.is_cpu} == {"prepare.ours_s", "app.ours_s", "whole.ours_s"}
