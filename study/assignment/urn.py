"""The urn design UD(alpha, beta): balls of every condition, and more of those that were not drawn.

L. J. Wei, Journal of the American Statistical Association 73, 1978, 559-563. It begins with alpha balls of
each condition; after each draw the ball is put back, and beta balls of every other condition with it. So
small groups are pulled towards each other, and large ones are drawn nearly freely; no balance is promised.
B. Efron's biased coin (Biometrika 58, 1971, 403-417) is its elder: there the pull is the same at every size.
"""

from collections.abc import Iterator, Mapping, Sequence

from study.assignment.draws import below


def balls_of(conditions: Sequence[str], counts: Mapping[str, int], alpha: int, beta: int) -> dict[str, int]:
    """Say how many balls the urn holds.

    Args:
        conditions: Those that still take people, in the plan's order.
        counts: How many each of them has.
        alpha: With how many of each it began.
        beta: How many of each other one are added for one that is drawn.

    Returns:
        At least one in all: an urn that would be empty, as UD(0, 1) is at first, holds one of each.
    """
    total = sum(counts.get(one, 0) for one in conditions)
    balls = {one: alpha + beta * (total - counts.get(one, 0)) for one in conditions}
    return balls if any(balls.values()) else dict.fromkeys(conditions, 1)


def draw_ball(balls: Mapping[str, int], words: Iterator[int]) -> tuple[str, str]:
    """Draw a ball.

    Args:
        balls: How many of each condition, in the plan's order.
        words: Where to draw from.

    Returns:
        The condition, and what was drawn.
    """
    total = sum(balls.values())
    drawn = below(total, words)
    left = drawn
    for condition, number in balls.items():
        if left < number:
            return condition, f"ball {drawn}/{total}"
        left -= number
    raise AssertionError("a ball below the total is one of them")
