"""From answers to scores: what is missing, what is turned, what stays as it was."""

import math

import pytest

from study.instruments import keyed_answers, score
from tests.study.instruments.kept import INSTRUMENTS, read

OWN = """\
id: own
title: One of our own
key_version: "3"
reference: {citation: Unpublished}
licence: {words: Ours, said_by: Ourselves}
answers: {least: 0, most: 4}
languages:
  en:
    source: Ourselves
    about: the system
    instruction: "Think of {about}."
    labels: [Never, Seldom, Now and then, Often, Always]
    items: {a: A, b: "B of {about}", c: C, d: D, e: "{About} and E"}
items: [{id: a}, {id: b, reversed: true}, {id: c}, {id: d}, {id: e}]
scales:
  part: {title: Part, items: [a, b, c, d, e], how: mean, range: [0, 4], needs: {share: 0.7}}
  total: {title: Total, items: [a, b, c, d, e], how: sum, range: [0, 20], needs: {count: 2}}
  strict: {title: Strict, items: [a, b], how: rescaled, range: [-1, 1]}
"""


def test_what_was_answered_stays() -> None:
    """Scoring and turning make new values; the answers are what they were."""
    tipi = INSTRUMENTS["tipi"]
    answers = {"q1": 5.0, "q6": 2.0}
    before = dict(answers)
    turned = keyed_answers(tipi, answers)
    score(tipi, answers)
    assert answers == before
    assert turned == {"q1": 5, "q6": 6}


def test_turning_twice_gives_the_answer_again() -> None:
    """A turned answer lies in the same range, and back is the same way."""
    for instrument in INSTRUMENTS.values():
        for value in range(instrument.answers.least, instrument.answers.most + 1, instrument.answers.step):
            given = {item.id: float(value) for item in instrument.items}
            turned = keyed_answers(instrument, given)
            assert all(instrument.answers.allows(one) for one in turned.values())
            assert keyed_answers(instrument, turned) == given


@pytest.mark.parametrize(
    ("answers", "part", "total", "strict"),
    [
        ({"a": 4, "b": 1, "c": 2, "d": 0, "e": 4}, 2.6, 13, 0.75),
        ({"a": 4, "b": 1, "c": 2, "d": 0}, 2.25, 11.25, 0.75),
        ({"a": 4, "b": 1, "c": 2}, None, 15, 0.75),
        ({"a": 4, "c": 2}, None, 15, None),
        ({"a": 4}, None, None, None),
        ({}, None, None, None),
        ({"a": None, "b": 1, "c": 2, "d": 0, "e": 4}, 2.25, 11.25, None),
    ],
)
def test_a_score_needs_its_answers(
    answers: dict[str, float | None], part: float | None, total: float | None, strict: float | None
) -> None:
    """A share, a number, or all: with fewer there is no score, and a sum stands for the items that lack."""
    found = score(read(OWN), answers)
    assert [found[name].value for name in ("part", "total", "strict")] == [part, total, strict]
    given = sum(value is not None for value in answers.values())
    assert (found["part"].items_answered, found["part"].items) == (given, 5)
    assert {one.key_version for one in found.values()} == {"3"}
    assert [one.scale for one in found.values()] == ["part", "total", "strict"]


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        ({"a": 5}, "5 is no answer to a of own"),
        ({"a": -1}, "-1 is no answer"),
        ({"a": 1.5}, "1.5 is no answer"),
        ({"a": math.nan}, "nan is no answer"),
        ({"a": True}, "True is no answer"),
        ({"f": 1}, "own has no item 'f'. Its items: a, b, c, d, e."),
    ],
)
def test_an_answer_that_cannot_be_is_refused(answers: dict[str, float], told: str) -> None:
    """A 99 for "did not say" never becomes a part of a mean."""
    with pytest.raises(ValueError, match="own") as raised:
        score(read(OWN), answers)
    assert told in str(raised.value)


@pytest.mark.parametrize(("items", "least"), [(10, 7), (3, 3), (5, 4), (20, 14), (1, 1)])
def test_a_share_is_counted_as_it_is_written(items: int, least: int) -> None:
    """0.7 of ten are seven, and not the eight that floating numbers make of it."""
    ids = [f"q{place}" for place in range(items)]
    instrument = read(
        OWN.partition("languages:")[0]
        + "get_texts_from: Ourselves\nlanguages: {}\n"
        + f"items: [{', '.join(f'{{id: {one}}}' for one in ids)}]\n"
        + f"scales: {{all: {{title: All, items: [{', '.join(ids)}], how: mean, range: [0, 4], "
        + "needs: {share: 0.7}}}\n"
    )
    assert score(instrument, dict.fromkeys(ids[:least], 1.0))["all"].value == 1
    assert score(instrument, dict.fromkeys(ids[: least - 1], 1.0))["all"].value is None


def test_thirds_are_the_nearest_number() -> None:
    """A mean is reckoned in fractions, so that its last digit does not depend on the order of the items."""
    found = score(INSTRUMENTS["s-tias"], {"confident": 1, "reliable": 1, "trust": 2})
    assert found["trust"].value == 4 / 3


def test_steps_are_counted_from_the_lowest_answer() -> None:
    """From 1 by 3 the answers are 1, 4 and 7."""
    own = OWN.replace("{least: 0, most: 4}", "{least: 1, most: 7, step: 3, slider: true}")
    own = own.replace("labels: [Never, Seldom, Now and then, Often, Always]", "ends: [Never, Always]")
    instrument = read(
        own.replace("range: [0, 4]", "range: [1, 7]").replace("range: [0, 20]", "range: [5, 35]")
    )
    assert [value for value in range(10) if instrument.answers.allows(value)] == [1, 4, 7]
