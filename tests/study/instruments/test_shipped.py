"""The instruments that are here: their keys are the papers', and no words are here that may not be."""

import random

import pytest

from study.instruments import score, shipped_instruments
from study.instruments.scoring import example_problems
from tests.study.instruments.kept import INSTRUMENTS, TEXTS
from tests.study.instruments.keys_of_papers import KEYS

NAMES = list(INSTRUMENTS)
# Whose words are here: decision page on instruments. Whoever adds one has looked at its licence.
WITH_WORDS = {"nasa-tlx-raw", "s-tias"}


def test_the_files_are_found() -> None:
    """What is shipped is found from wherever the program was started, each under its file's name."""
    assert dict(shipped_instruments()) == INSTRUMENTS
    assert [one.id for one in INSTRUMENTS.values()] == NAMES
    assert set(NAMES) == set(KEYS)


@pytest.mark.parametrize("name", NAMES)
def test_the_worked_examples_come_out(name: str) -> None:
    """Each instrument has examples that were reckoned by hand, and its key gives what they say."""
    assert len(INSTRUMENTS[name].examples) >= 2
    assert example_problems(INSTRUMENTS[name]) == []


@pytest.mark.parametrize("name", NAMES)
def test_the_key_is_the_papers(name: str) -> None:
    """For any answers the file's key gives what the paper's formulas give."""
    instrument = INSTRUMENTS[name]
    answers = range(instrument.answers.least, instrument.answers.most + 1, instrument.answers.step)
    chance = random.Random(7)  # no secret
    assert set(KEYS[name]) == set(instrument.scales)
    for _ in range(200):
        given = {item.id: chance.choice(answers) for item in instrument.items}
        by_place = dict(enumerate(given.values(), start=1))
        for scale, found in score(instrument, given).items():
            assert found.value == pytest.approx(KEYS[name][scale](by_place), abs=1e-9), (scale, given)


@pytest.mark.parametrize("name", NAMES)
def test_every_item_counts(name: str) -> None:
    """No item is asked for nothing: each is in a scale."""
    instrument = INSTRUMENTS[name]
    counted = {item for scale in instrument.scales.values() for item in scale.items}
    assert counted == {item.id for item in instrument.items}


@pytest.mark.parametrize("name", NAMES)
def test_words_are_here_where_the_licence_is_clear(name: str) -> None:
    """Two instruments have the words of their items; all others say where to get them."""
    instrument = INSTRUMENTS[name]
    worded = {item for words in instrument.languages.values() for item in words.items}
    asked = {item.id for item in instrument.items}
    assert worded == (asked if name in WITH_WORDS else set())
    assert instrument.is_bare == (name not in WITH_WORDS)
    assert not any(words.instruction for words in instrument.languages.values() if instrument.is_bare)


@pytest.mark.parametrize("name", NAMES)
def test_a_file_says_no_more_than_it_must(name: str) -> None:
    """The fields of a form that asks it hold: neither name nor items are too long for its ids."""
    assert all(len(INSTRUMENTS[name].form_id(item.id)) <= 40 for item in INSTRUMENTS[name].items)
    assert f"id: {name}\n" in TEXTS[name]
