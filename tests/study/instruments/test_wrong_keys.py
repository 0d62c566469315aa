"""A wrong key is noticed by the worked examples: each key is broken in every way that it could be wrong in.

Keys in the field's own tools had the wrong item of a pair reversed, or none at all.
"""

from collections.abc import Iterator
from itertools import combinations

import pytest

from study.instruments import Instrument, parse_instrument
from study.instruments.definition import InstrumentItem
from study.instruments.scales import How, MissingRule, ScoredScale
from study.instruments.scoring import example_problems
from tests.study.instruments.kept import INSTRUMENTS, ITEMS, TEXTS

NAMES = list(INSTRUMENTS)
TURNED = [name for name, one in INSTRUMENTS.items() if any(item.reversed for item in one.items)]
MOVED = [name for name, one in INSTRUMENTS.items() if any(s.how == How.RESCALED for s in one.scales.values())]
# With scales of which neither is a part of the other.
APART = [
    name
    for name, one in INSTRUMENTS.items()
    if any(
        set(a.items) - set(b.items) and set(b.items) - set(a.items)
        for a, b in combinations(one.scales.values(), 2)
    )
]


def with_items(instrument: Instrument, flip: set[str]) -> Instrument:
    """The instrument with some of its items reversed that were not, and the other way."""
    items = tuple(
        InstrumentItem(id=item.id, reversed=item.reversed != (item.id in flip)) for item in instrument.items
    )
    return instrument.model_copy(update={"items": items})


def with_scales(instrument: Instrument, **scales: ScoredScale) -> Instrument:
    """The instrument with other scales under their names."""
    return instrument.model_copy(update={"scales": {**instrument.scales, **scales}})


def with_ids(scale: ScoredScale, *ids: str) -> ScoredScale:
    """A scale of other items."""
    return scale.model_copy(update={"items": ids})


def without(scale: ScoredScale, *gone: str) -> list[str]:
    """A scale's items but some."""
    return [item for item in scale.items if item not in gone]


def unnoticed(mutants: Iterator[tuple[str, Instrument]]) -> list[str]:
    """The mutants whose examples come out all the same."""
    found = list(mutants)
    assert found
    return [told for told, mutant in found if not example_problems(mutant)]


@pytest.mark.parametrize(("name", "item"), ITEMS)
def test_a_flipped_item_is_noticed(name: str, item: str) -> None:
    """An item that is reversed and should not be, or is not and should be."""
    assert example_problems(with_items(INSTRUMENTS[name], {item})) != []


@pytest.mark.parametrize(("name", "item"), ITEMS)
def test_an_item_in_another_scale_is_noticed(name: str, item: str) -> None:
    """An item that is left out of its scale, counts in another beside it, or in another instead."""
    instrument = INSTRUMENTS[name]

    def mutants() -> Iterator[tuple[str, Instrument]]:
        for own, scale in instrument.scales.items():
            if item not in scale.items:
                continue
            if len(scale.items) > 1:
                left = with_ids(scale, *without(scale, item))
                yield f"left out of {own}", with_scales(instrument, **{own: left})
            for other, place in instrument.scales.items():
                if item not in place.items:
                    more = with_ids(place, *place.items, item)
                    yield f"in {other} too", with_scales(instrument, **{other: more})
                    yield f"in {other} instead", with_scales(instrument, **{own: left, other: more})

    assert unnoticed(mutants()) == []


@pytest.mark.parametrize("name", TURNED)
def test_the_wrong_one_reversed_is_noticed(name: str) -> None:
    """A reversal that slipped from one item to any other, as from the fourth of the TIPI to the ninth."""
    instrument = INSTRUMENTS[name]
    assert (
        unnoticed(
            (f"{one.id} and {other.id}", with_items(instrument, {one.id, other.id}))
            for one, other in combinations(instrument.items, 2)
            if one.reversed != other.reversed
        )
        == []
    )


@pytest.mark.parametrize("name", APART)
def test_two_items_that_changed_their_scales_are_noticed(name: str) -> None:
    """Two items of two scales, each counted in the other's."""
    instrument = INSTRUMENTS[name]

    def mutants() -> Iterator[tuple[str, Instrument]]:
        for (one, mine), (other, yours) in combinations(instrument.scales.items(), 2):
            for gone in set(mine.items) - set(yours.items):
                for come in set(yours.items) - set(mine.items):
                    swapped = {
                        one: with_ids(mine, *without(mine, gone), come),
                        other: with_ids(yours, *without(yours, come), gone),
                    }
                    yield f"{gone} of {one}, {come} of {other}", with_scales(instrument, **swapped)

    assert unnoticed(mutants()) == []


def equals_rescaled(instrument: Instrument, scale: ScoredScale, how: How) -> bool:
    """Whether a mean or a sum lies in the scale's range of its own, so that rescaling it changes nothing."""
    times = len(scale.items) if how == How.SUM else 1
    return scale.range == (times * instrument.answers.least, times * instrument.answers.most)


def other_rules(instrument: Instrument, scale: ScoredScale) -> Iterator[tuple[str, ScoredScale]]:
    """A scale that is reckoned otherwise."""
    for how in How:
        pair = {how, scale.how} - {How.RESCALED}
        same = len(pair) == 1 and equals_rescaled(instrument, scale, *pair)
        if how != scale.how and not same:
            yield str(how), scale.model_copy(update={"how": how})
    if scale.how == How.RESCALED:
        low, high = scale.range
        for ends in ((low - 1, high), (low, high + 1)):
            yield str(ends), scale.model_copy(update={"range": ends})
    if len(scale.items) > 1:
        yield "needs fewer", scale.model_copy(update={"needs": MissingRule(count=len(scale.items) - 1)})
    if any(item.reversed and item.id in scale.items for item in instrument.items):
        yield "turned", scale.model_copy(update={"reverses": not scale.reverses})


@pytest.mark.parametrize("name", NAMES)
def test_another_rule_is_noticed(name: str) -> None:
    """A mean for a sum, another range, a missing rule that asks for less, items turned or left so."""
    instrument = INSTRUMENTS[name]
    mutants = (
        (f"{own} {told}", with_scales(instrument, **{own: other}))
        for own, scale in instrument.scales.items()
        for told, other in other_rules(instrument, scale)
    )
    assert unnoticed(mutants) == []


@pytest.mark.parametrize("name", sorted({*TURNED, *MOVED}))
def test_another_range_of_answers_is_noticed(name: str) -> None:
    """Answers that are taken for one more or one less at an end, where the key turns or moves them."""
    instrument = INSTRUMENTS[name]
    answers = instrument.answers
    mutants = (
        (str(ends), instrument.model_copy(update={"answers": answers.model_copy(update=ends)}))
        for ends in ({"least": answers.least - 1}, {"most": answers.most + 1})
    )
    assert unnoticed(mutants) == []


@pytest.mark.parametrize(
    ("name", "old", "new", "told"),
    [
        (
            "tipi",
            "{id: q4, reversed: true}",
            "{id: q4}",
            "scores.emotional_stability: is 2, and the key gives 3",
        ),
        ("sus", "{id: q1}", "{id: q1, reversed: true}", "scores.usability: is 60, and the key gives 50"),
        ("sus", "range: [0, 100]", "range: [0, 50]", "scores.usability: is 60, and the key gives 30"),
        (
            "sus",
            "how: rescaled\n    range: [0, 100]",
            "how: mean\n    range: [1, 5]",
            "is 60, and the key gives 3.4",
        ),
        (
            "sus",
            "how: rescaled\n    range: [0, 100]",
            "how: sum\n    range: [10, 50]",
            "is 60, and the key gives 34",
        ),
        (
            "sus",
            "how: rescaled",
            "how: mean",
            "scales.usability as a mean lies between 1 and 5, and its range says",
        ),
        (
            "sus",
            "range: [0, 100]",
            "range: [0, 100]\n    needs: {count: 9}",
            "is none, and the key gives 63.8889",
        ),
        ("panas", "items: [q1, q3, q5, q9,", "items: [q2, q3, q5, q9,", "scores.positive_affect: is 47, and"),
        ("bfi-10", "items: [q5, q10]", "items: [q5]", "scores.openness: is 3, and the key gives 4"),
        (
            "umux-lite",
            "range: [22.9, 87.9]",
            "range: [22.9, 87]",
            "scores.sus_estimate: is 55.4, and the key",
        ),
        ("jian-trust", "reverses: false", "reverses: true", "scores.distrust: is 1.8, and the key gives 6.2"),
        (
            "ueq-s",
            "items: [q1, q2, q3, q4]",
            "items: [q1, q2, q3, q5]",
            "scores.pragmatic: is 2.25, and the key",
        ),
    ],
)
def test_a_file_that_was_tampered_with_is_refused(name: str, old: str, new: str, told: str) -> None:
    """Reading a file reckons its examples: a changed key is a complaint that names example and scale."""
    assert old in TEXTS[name]
    _instrument, problems = parse_instrument(TEXTS[name].replace(old, new, 1), f"{name}.yaml")
    assert any(problem.startswith(f"{name}.yaml") and told in problem for problem in problems), problems
