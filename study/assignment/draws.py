"""Draws that anybody can make again: from SHA-256, in any language, in any year.

`random.shuffle` is not used: how it draws is Python's own business and may change, and R draws otherwise.

A draw is named by a key, a list of texts. The first is the seed, the second says what is drawn, such as
"block". The whole of the rule, which replay.R follows as well:

1. A text is joined as a netstring: the number of its bytes in UTF-8 in decimal digits, ":", the bytes, ","
   (D. J. Bernstein, Netstrings, 1997). So no two keys are one: "a", "bc" is `1:a,2:bc,` and "ab", "c" is not.
2. Round 0, 1, 2, ... of a key is the SHA-256 of its netstrings and that of the round's number in digits.
3. Its 32 bytes are four words of 64 bits, the first byte the highest (big-endian), taken in order.
4. A number below n, each equally likely: the first word w with w < 2^64 - (2^64 mod n) gives w mod n. Words
   that are not below are passed over, for they would make the small numbers likelier (rejection).
5. A shuffle goes from the last place to the second: what stands there changes with one that is drawn among it
   and all before it (R. A. Fisher & F. Yates 1938, as R. Durstenfeld wrote it, CACM 7, 1964, algorithm 235).

Keys are texts and numbers alone, so that a draw depends on nothing but its name. At most 2^32 things can be
drawn from: R reckons with 53 bits, and needs no more for that.
"""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from hashlib import sha256
from itertools import count
from math import lcm
from typing import Final, TypeVar

T = TypeVar("T")

# What can be drawn from: R's doubles hold n * 2^16 exactly for these.
MOST: Final = 2**32
_WORDS: Final = 2**64


def words_of(*key: str | int) -> Iterator[int]:
    """Give the words of a key, without end.

    Args:
        key: The seed, what is drawn, and which one of them.

    Returns:
        Numbers from 0 to 2^64 - 1, each equally likely.
    """
    joined = b"".join(map(_netstring, key))
    for number in count():
        digest = sha256(joined + _netstring(number)).digest()
        for start in range(0, 32, 8):
            yield int.from_bytes(digest[start : start + 8], "big")


def below(n: int, words: Iterator[int]) -> int:
    """Take a number from words.

    Args:
        n: How many there are, from 1 to 2^32.
        words: Where to take it from; those that are passed over are gone.

    Returns:
        One of 0 to n - 1, each equally likely.

    Raises:
        ValueError: There is nothing to draw from, or too much.
    """
    if not 1 <= n <= MOST:
        raise ValueError(f"a number is drawn from 1 to {MOST} of them, not from {n}")
    first_unfair = _WORDS - _WORDS % n
    return next(word for word in words if word < first_unfair) % n


def uniform_below(n: int, *key: str | int) -> int:
    """Draw a number: one of 0 to n - 1, each equally likely.

    Args:
        n: How many there are.
        key: The seed, what is drawn, and which one of them.
    """
    return below(n, words_of(*key))


def shuffled(things: Sequence[T], *key: str | int) -> list[T]:
    """Give things in an order that is drawn, each order equally likely.

    Args:
        things: In the order in which they are known.
        key: The seed, what is drawn, and which one of them.
    """
    order = list(things)
    words = words_of(*key)
    for last in range(len(order) - 1, 0, -1):
        other = below(last + 1, words)
        order[last], order[other] = order[other], order[last]
    return order


def exact(probability: float | str | Fraction) -> Fraction:
    """Read a probability as it is written: 0.8 is four fifths, and not the nearest number of 53 bits.

    Args:
        probability: As the study file says it.
    """
    return Fraction(str(probability))


def coin(probability: Fraction, words: Iterator[int]) -> tuple[bool, str]:
    """Toss a coin that may be biased.

    The probability a/b is compared as it is: a number below b is drawn, and heads are those below a.

    Args:
        probability: Of heads, from 0 to 1.
        words: Where to draw from.

    Returns:
        Whether it is heads, and what was drawn, as the ledger has it: "3/5" is 3 of 0 to 4.
    """
    drawn = below(probability.denominator, words)
    return drawn < probability.numerator, f"{drawn}/{probability.denominator}"


def one_of(chances: Mapping[str, Fraction], words: Iterator[int]) -> tuple[str, str]:
    """Draw one of several that need not be equally likely.

    Args:
        chances: Of each, in the order in which they are known; together 1.
        words: Where to draw from.

    Returns:
        Its name, and what was drawn.

    Raises:
        ValueError: They are not 1 together, or one is below 0.
    """
    if sum(chances.values()) != 1 or min(chances.values()) < 0:
        told = ", ".join(f"{name} {chance}" for name, chance in chances.items())
        raise ValueError(f"chances must be 1 together, and none below 0: {told}")
    parts = lcm(*(chance.denominator for chance in chances.values()))
    drawn = below(parts, words)
    reached = 0
    for name, chance in chances.items():
        reached += int(chance * parts)
        if drawn < reached:
            return name, f"{drawn}/{parts}"
    raise AssertionError("chances that are 1 together reach every number")


def _netstring(part: str | int) -> bytes:
    data = str(part).encode()
    return b"%d:%b," % (len(data), data)
