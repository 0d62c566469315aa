"""Draws from SHA-256: what is drawn is fixed for ever, and each as likely as it should be."""

import re
from collections import Counter
from fractions import Fraction
from hashlib import sha256
from itertools import islice, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from study.assignment.draws import below, coin, exact, one_of, shuffled, uniform_below, words_of
from study.assignment.dropout import chi_square_above
from study.assignment.seeds import is_of, new_seed, seal
from study.assignment.turns import level_of_turn

TOP = 2**64


def likely(counts: Counter[str], expected: dict[str, float]) -> bool:
    """Whether counts are what chance makes of what is expected; once in a million times it says no."""
    statistic = sum((counts[name] - number) ** 2 / number for name, number in expected.items())
    return set(counts) <= set(expected) and chi_square_above(statistic, len(expected) - 1) > 1e-6


def test_words_are_those_of_the_rule() -> None:
    """Netstrings, the round's number, SHA-256, four big-endian words: as it is written, byte by byte."""
    digests = [sha256(b"4:seed,5:block,2:\xc3\xa4,1:7," + end).digest() for end in (b"1:0,", b"1:1,")]
    words = [int.from_bytes(one[at : at + 8], "big") for one in digests for at in (0, 8, 16, 24)]
    assert list(islice(words_of("seed", "block", "ä", 7), 8)) == words


def test_a_draw_is_the_same_for_ever() -> None:
    """A change of the rule would change every study that is running."""
    assert [uniform_below(10, "seed", "x", i) for i in range(12)] == [6, 3, 6, 9, 2, 5, 4, 6, 9, 4, 8, 1]
    assert shuffled("abcdefgh", "seed", "block", "all", 1) == list("cgebfhda")


@given(st.lists(st.text(max_size=4), max_size=4), st.lists(st.text(max_size=4), max_size=4))
def test_no_two_keys_are_one(one: list[str], other: list[str]) -> None:
    """However texts are cut into parts, other parts are another draw."""
    assert (next(words_of(*one)) == next(words_of(*other))) == (one == other)


@pytest.mark.parametrize("n", [3, 7, 10, 2**32 - 1])
def test_what_would_be_unfair_is_passed_over(n: int) -> None:
    """The last words, which would make small numbers likelier, are not used; the one before them is."""
    unfair = TOP - TOP % n
    assert below(n, iter([unfair, TOP - 1, 5])) == 5 % n
    assert below(n, iter([unfair - 1])) == n - 1


def test_a_power_of_two_passes_over_nothing() -> None:
    """There every word is fair."""
    assert below(2**32, iter([TOP - 1])) == 2**32 - 1


@pytest.mark.parametrize("n", [0, -1, 2**32 + 1])
def test_nothing_to_draw_from_is_said(n: int) -> None:
    """And so is more than R could follow."""
    with pytest.raises(ValueError, match=f"not from {n}"):
        uniform_below(n, "seed")


@pytest.mark.parametrize("n", [2, 3, 7, 40])
def test_numbers_are_equally_likely(n: int) -> None:
    """None is drawn more often than chance allows."""
    drawn = Counter(str(uniform_below(n, "seed", "uniform", i)) for i in range(4000))
    assert likely(drawn, {str(one): 4000 / n for one in range(n)})


def test_orders_are_equally_likely() -> None:
    """All 24 of four things."""
    drawn = Counter("".join(shuffled("abcd", "seed", "orders", i)) for i in range(6000))
    assert likely(drawn, {"".join(one): 250.0 for one in permutations("abcd")})


def test_a_coin_is_as_biased_as_it_is_written() -> None:
    """0.8 is four fifths exactly, and one of five numbers is tails."""
    assert exact(0.8) == exact("0.8") == Fraction(4, 5) == exact(Fraction(4, 5))
    assert [coin(exact(0.8), iter([word])) for word in (0, 3, 4)] == [
        (True, "0/5"),
        (True, "3/5"),
        (False, "4/5"),
    ]
    assert [coin(Fraction(side), iter([7]))[0] for side in (0, 1)] == [False, True]


def test_chances_that_are_not_one_are_refused() -> None:
    """With what they were, so that the line can be found."""
    for chances in ({"a": exact(0.5), "b": exact(0.4)}, {"a": exact(1.5), "b": exact(-0.5)}):
        with pytest.raises(ValueError, match=re.escape(f"a {chances['a']}, b {chances['b']}")):
            one_of(chances, iter([1]))


def test_each_of_several_has_its_numbers() -> None:
    """One half, one third and the rest: three, two and one of six numbers."""
    chances = {"a": Fraction(1, 2), "b": Fraction(1, 3), "c": Fraction(1, 6)}
    assert [one_of(chances, iter([word])) for word in range(6)] == [
        (name, f"{number}/6") for number, name in enumerate("aaabbc")
    ]


def test_what_cannot_be_is_never_drawn() -> None:
    """A level of probability 0."""
    chances = {"never": Fraction(0), "always": Fraction(1)}
    assert {level_of_turn("seed", "p", "t", turn, chances).level for turn in range(50)} == {"always"}


def test_a_turn_keeps_its_level() -> None:
    """Whenever and wherever it is asked for; another turn, thread, participant or seed has its own draw."""
    chances = {"warm": exact(0.3), "cool": exact(0.7)}
    here = level_of_turn("seed", "p1", "t1", 3, chances)
    assert here == level_of_turn("seed", "p1", "t1", 3, chances)
    assert here.probability == chances[here.level]
    drawn = Counter(level_of_turn("seed", "p1", "t1", turn, chances).level for turn in range(4000))
    assert likely(drawn, {"warm": 1200.0, "cool": 2800.0})
    for other in (("s", "p1", "t1"), ("seed", "p2", "t1"), ("seed", "p1", "t2")):
        levels = [level_of_turn(*other, turn, chances).level for turn in range(60)]
        assert levels != [level_of_turn("seed", "p1", "t1", turn, chances).level for turn in range(60)]


def test_a_seed_is_sealed_and_shown() -> None:
    """Its hash is that of its text, says whether a seed is it, and takes no other."""
    seed = new_seed()
    assert re.fullmatch("[0-9a-f]{64}", seed)
    assert new_seed() != seed
    assert (
        seal("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    )  # FIPS 180-2, B.1
    assert is_of(seed, seal(seed))
    assert is_of(seed, f" {seal(seed).upper()}\n")
    assert not is_of(seed, seal(seed + " "))
    assert not is_of(seed, "ä")
