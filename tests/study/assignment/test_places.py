"""Lists of places, orders and conditions: what follows from a plan and a seed."""

from collections import Counter
from itertools import islice, pairwise, permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from study.assignment import (
    AssignmentMethod,
    AssignmentPlan,
    OrderKind,
    PlannedCondition,
    block_of,
    crossed,
    orders_of,
    strata_of,
    stratum_of,
    with_orders,
)
from study.assignment.places import parts_of, places_after
from tests.study.assignment.ledgers import PLANS, SEED


@st.composite
def block_plans(draw: st.DrawFn) -> AssignmentPlan:
    """Plans of blocks, of any weights and lengths."""
    weights = draw(st.lists(st.integers(1, 4), min_size=2, max_size=5))
    conditions = tuple(PlannedCondition(f"c{at}", weight) for at, weight in enumerate(weights))
    whole = sum(AssignmentPlan(AssignmentMethod.BLOCKS, conditions).weights.values())
    times = draw(st.lists(st.integers(1, 4), min_size=1, max_size=4))
    return AssignmentPlan(AssignmentMethod.BLOCKS, conditions, tuple(whole * one for one in times))


@given(block_plans(), st.text(max_size=8), st.integers(1, 500))
def test_a_block_holds_each_condition_as_its_weight_says(
    plan: AssignmentPlan, seed: str, number: int
) -> None:
    """Whatever the seed: its length is one of the plan's, its places are numbered, its ratio is exact."""
    places = block_of(plan, seed, "all", number)
    assert len(places) in plan.lengths
    assert [(one.stratum, one.block, one.seq) for one in places] == [
        ("all", number, seq) for seq in range(1, len(places) + 1)
    ]
    times = len(places) // sum(plan.weights.values())
    assert Counter(one.condition for one in places) == {name: n * times for name, n in plan.weights.items()}


@settings(max_examples=40)
@given(block_plans(), st.text(max_size=8))
def test_imbalance_is_never_more_than_a_block(plan: AssignmentPlan, seed: str) -> None:
    """After any number of places, each condition is within a block's share of what its weight says."""
    counts: Counter[str] = Counter()
    most = max(plan.lengths) // sum(plan.weights.values())
    for place in islice(places_after(plan, seed, "all"), 120):
        counts[place.condition] += 1
        shares = [counts[name] / weight for name, weight in plan.weights.items()]
        assert max(shares) - min(shares) <= most


@pytest.mark.parametrize("name", ["simple", "blocks", "strata", "ratio", "orders"])
def test_a_list_has_each_place_once_and_can_be_begun_anywhere(name: str) -> None:
    """What comes behind a place is what a walk from the beginning finds behind it."""
    plan = PLANS[name]
    for stratum in plan.strata:
        walked = list(islice(places_after(plan, SEED, stratum), 100))
        assert len({place.id for place in walked}) == 100
        for at in (0, 4, 30, 77):
            behind = places_after(plan, SEED, stratum, walked[at].position)
            assert list(islice(behind, 20)) == walked[at + 1 : at + 21]


def test_seed_stratum_and_block_make_other_orders() -> None:
    """None of them tells anything about another."""
    plan = PLANS["endless"]
    lists = {
        tuple(place.condition for place in islice(places_after(plan, seed, stratum, (first, 0)), 40))
        for seed in ("a", "b")
        for stratum in ("all", "other")
        for first in (1, 30)
    }
    assert len(lists) == 8


def test_lengths_are_mixed_as_they_are_listed() -> None:
    """A length that stands there twice is drawn twice as often."""
    plan = AssignmentPlan(AssignmentMethod.BLOCKS, crossed({"a": ["x", "y"]}), (2, 4, 4))
    lengths = Counter(len(block_of(plan, SEED, "all", number)) for number in range(1, 1501))
    assert 440 < lengths[2] < 560
    assert lengths[4] == 1500 - lengths[2]


def test_simple_follows_the_weights() -> None:
    """Each place by itself: two of three are in the condition that weighs two."""
    plan = AssignmentPlan(AssignmentMethod.SIMPLE, (PlannedCondition("a", 2), PlannedCondition("b", 1)))
    drawn = Counter(place.condition for place in islice(places_after(plan, SEED, "all"), 3000))
    assert 1890 < drawn["a"] < 2110


def test_a_list_is_the_same_for_ever() -> None:
    """A change of how lists are drawn would change every study that is running."""
    drawn = [place.condition for place in islice(places_after(PLANS["blocks"], SEED, "all"), 12)]
    assert drawn == [
        "facts.large",
        "stories.large",
        "facts.small",
        "stories.small",
        "facts.large",
        "stories.small",
        "facts.small",
        "stories.large",
        "stories.large",
        "facts.large",
        "facts.small",
        "stories.large",
    ]


@pytest.mark.parametrize(
    "place_id",
    [
        "",
        "all",
        "all:1",
        "all:0:1",
        "all:1:01",
        "all:1:-1",
        "all:1:x",
        "all:1:1 ",
        f"a:1:{'9' * 5000}",
        "a:٣:1",
    ],
)
def test_what_is_no_place_is_none(place_id: str) -> None:
    """Nothing that is written by hand breaks the reading."""
    assert parts_of(place_id) is None


@given(st.text(), st.integers(1, 10**6), st.integers(1, 1000))
def test_an_id_is_read_as_it_was_written(stratum: str, block: int, seq: int) -> None:
    """Also where the stratum has a colon in its name."""
    assert parts_of(f"{stratum}:{block}:{seq}") == (stratum, block, seq)


@pytest.mark.parametrize("n", range(2, 10))
def test_williams_balances_what_each_leaves_behind(n: int) -> None:
    """Each level stands at each place and follows each other equally often: once if n is even, else twice."""
    levels = "abcdefghi"[:n]
    orders = orders_of(levels, OrderKind.WILLIAMS)
    times = 1 + n % 2
    assert len(orders) == n * times
    at_places = Counter((place, level) for order in orders for place, level in enumerate(order))
    assert at_places == {(place, level): times for place in range(n) for level in levels}
    followed = Counter(pair for order in orders for pair in pairwise(order))
    assert followed == dict.fromkeys(permutations(levels, 2), times)


@pytest.mark.parametrize("n", range(2, 8))
def test_latin_has_each_level_at_each_place_once(n: int) -> None:
    """And no more than that: from three on, each follows always the same one."""
    orders = orders_of("abcdefg"[:n], OrderKind.LATIN)
    assert all(len({order[place] for order in orders}) == n for place in range(n))
    assert n < 3 or len({pair for order in orders for pair in pairwise(order)}) == n


def test_orders_stand_in_an_order_of_their_own() -> None:
    """Lists of places depend on it: another order of the same orders is another study."""
    assert ["".join(order) for order in orders_of("abc", OrderKind.LATIN)] == ["abc", "bca", "cab"]
    assert ["".join(order) for order in orders_of("abcd", OrderKind.WILLIAMS)] == [
        "abdc",
        "bcad",
        "cdba",
        "dacb",
    ]
    three = ["".join(order) for order in orders_of("abc", OrderKind.WILLIAMS)]
    assert three == ["abc", "bca", "cab", "cba", "acb", "bac"]


def test_all_orders_are_all() -> None:
    """24 of four, 720 of six; of seven nobody could fill them, and the other way is named."""
    assert len(orders_of("abcdef", OrderKind.ALL)) == 720
    assert orders_of("abcd", OrderKind.ALL) == tuple(permutations("abcd"))
    with pytest.raises(ValueError, match="Write it like: order: williams"):
        orders_of("abcdefg", OrderKind.ALL)


def test_factors_are_crossed_and_keep_their_levels() -> None:
    """Two by two are four conditions, each with its name, its levels and its weight."""
    made = crossed({"appeal": ["facts", "stories"], "size": ["small", "large"]}, {"stories.small": 3})
    assert [one.name for one in made] == ["facts.small", "facts.large", "stories.small", "stories.large"]
    assert [one.weight for one in made] == [1, 1, 3, 1]
    assert made[1].levels == {"appeal": "facts", "size": "large"}


def test_orders_are_conditions() -> None:
    """Alone, and crossed with what is between subjects."""
    orders = orders_of(["warm", "cool"], OrderKind.WILLIAMS)
    alone = with_orders((), "partner", orders)
    assert [one.name for one in alone] == ["warm>cool", "cool>warm"]
    both = with_orders(crossed({"size": ["s", "l"]}, {"l": 2}), "partner", orders)
    assert [one.name for one in both] == ["s.warm>cool", "s.cool>warm", "l.warm>cool", "l.cool>warm"]
    assert both[3].levels == {"size": "l", "partner": "cool>warm"}
    assert both[3].order == ("cool", "warm")
    assert both[3].weight == 2


def test_strata_are_combinations() -> None:
    """A newcomer's answers say which; without items all are in one."""
    assert strata_of({"view": ["for", "against"], "sex": ["f", "m"]}) == (
        "for.f",
        "for.m",
        "against.f",
        "against.m",
    )
    assert stratum_of(["view", "sex"], {"sex": "m", "view": "for", "age": "9"}) == "for.m"
    assert strata_of({}) == (stratum_of([], {}),) == ("all",)
