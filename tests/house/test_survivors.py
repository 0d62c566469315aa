"""Mutation testing: what it shows is what nobody has named, and what is named is still there."""

import tomllib
from fnmatch import fnmatch

import pytest

from scripts.mutation import NAMED, Named, Survivor, mutants_of, named, report
from tests.house.tree import ROOT, text

KEPT = tomllib.loads(text(NAMED))
NAMES = named(ROOT / NAMED)
UNKNOWN = Survivor(
    "data_layer.database.order.xǁOrderǁtake__mutmut_3", "self._last + 1", "self._last - 1", False
)


def test_a_survivor_that_nobody_has_named_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    """With its function's plain name and both lines, and the command fails."""
    assert report([UNKNOWN], NAMES) == 1
    shown = capsys.readouterr().out
    assert "data_layer.database.order.Order.take\n  - self._last + 1\n  + self._last - 1" in shown
    assert "1 survived, 0 of them named" in shown


def test_a_named_survivor_is_counted_and_not_shown(capsys: pytest.CaptureFixture[str]) -> None:
    """By its function and the line as it was instead."""
    known = Named((), frozenset({("data_layer.database.order.Order.take", "self._last - 1")}))
    assert report([UNKNOWN], known) == 0
    assert capsys.readouterr().out.strip().startswith("1 survived, 1 of them named")


def test_a_function_of_a_module_has_a_plain_name_too() -> None:
    """Without mutmut's marks."""
    assert Survivor("a.b.x__line__mutmut_16", "", "", False).function == "a.b._line"


@pytest.mark.parametrize(
    ("places", "tried"),
    [
        (["data_layer/database/order.py::take"], {"data_layer.database.order.xǁOrderǁtake__mutmut_3"}),
        (["data_layer/database/order.py::utc_now"], {"data_layer.database.order.x_utc_now__mutmut_1"}),
        (["data_layer/database/order.py", "data_layer/writing/batch.py::apply"], set()),
    ],
)
def test_one_function_can_be_tried_alone(places: list[str], tried: set[str]) -> None:
    """Named behind its file, a method without its class; without a name all of them are."""
    names = ("xǁOrderǁtake__mutmut_3", "x_utc_now__mutmut_1", "xǁOrderǁtake_back__mutmut_1")
    wanted = mutants_of(places)
    found = {
        f"data_layer.database.order.{name}"
        for name in names
        for one in wanted
        if fnmatch(f"data_layer.database.order.{name}", one)
    }
    assert found == tried


@pytest.mark.parametrize("one", KEPT.get("mutant", []), ids=lambda one: one["function"])
def test_what_is_named_is_still_there(one: dict[str, str]) -> None:
    """A line of a function that has gone would name whatever comes under its name next."""
    module, _, function = one["function"].rpartition(".")
    path = ROOT / f"{module.replace('.', '/')}.py"
    if not path.is_file():
        path = ROOT / f"{module.rpartition('.')[0].replace('.', '/')}.py"
    assert f"def {function}(" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("one", [*KEPT.get("kind", []), *KEPT.get("mutant", [])], ids=str)
def test_each_says_why_it_may_live(one: dict[str, str]) -> None:
    """A sentence."""
    assert one["because"].strip().endswith(".")
