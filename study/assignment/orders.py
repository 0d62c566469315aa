"""Orders of the levels of a within-subjects factor: each of them is a condition of its own."""

from collections.abc import Sequence
from enum import StrEnum
from itertools import permutations
from typing import Final

# 720 orders. Nobody has the participants for more, and Williams needs 14 for 7 levels.
MOST_LEVELS_OF_ALL: Final = 6
SEPARATOR: Final = ">"


class OrderKind(StrEnum):
    """Which orders there are."""

    ALL = "all"
    LATIN = "latin"
    WILLIAMS = "williams"


def orders_of(levels: Sequence[str], kind: OrderKind) -> tuple[tuple[str, ...], ...]:
    """Give the orders of a factor's levels.

    - all: every one of n! orders, in the order of the dictionary if the levels are its alphabet.
    - latin: n orders, each the one before moved by one. Every level stands at every place once, but each
      follows the same level nearly always: what one leaves behind (carry-over) falls on one other.
    - williams: n orders where n is even, 2n where it is odd. Every level stands at every place equally often
      and follows every other equally often (E. J. Williams, Australian Journal of Scientific Research A 2,
      1949, 149-168).

    Args:
        levels: Two or more, each another.
        kind: Which orders.

    Returns:
        The orders, each with all levels.

    Raises:
        ValueError: So many levels that all orders of them are too many.
    """
    if kind is OrderKind.ALL:
        if len(levels) > MOST_LEVELS_OF_ALL:
            raise ValueError(
                f"all orders of {len(levels)} levels are more than anybody can balance. "
                "Write it like: order: williams"
            )
        return tuple(permutations(levels))
    n = len(levels)
    first = range(n) if kind is OrderKind.LATIN else _zigzag(n)
    square = [tuple(levels[(place + shift) % n] for place in first) for shift in range(n)]
    if kind is OrderKind.WILLIAMS and n % 2:
        square += [order[::-1] for order in square]
    return tuple(square)


def name_of_order(order: Sequence[str]) -> str:
    """Give an order's name, such as "warm>neutral".

    Args:
        order: The levels, as they come.
    """
    return SEPARATOR.join(order)


def _zigzag(n: int) -> list[int]:
    """0, 1, n-1, 2, n-2, ...: the steps between neighbours are all different, as far as they can be."""
    return [(step + 1) // 2 if step % 2 else (n - step // 2) % n for step in range(n)]
