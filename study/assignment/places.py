"""Places: a list for each stratum, endless and the same for ever, that follows from the plan and the seed.

With `blocks` a block holds every condition as often as its weight says, in an order that is drawn; which of
the lengths it has is drawn too, for a length that is known lets the end of a block be guessed (K. F. Schulz &
D. A. Grimes, Lancet 359, 2002, 966-970). With `simple` a block is one place, drawn by itself.

Nothing is listed ahead: a block is made when somebody comes to it, in some microseconds.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Final

from study.assignment.draws import shuffled, uniform_below
from study.assignment.plan import AssignmentMethod, AssignmentPlan

_NUMBER: Final = re.compile("[1-9][0-9]{0,8}")


@dataclass(frozen=True, slots=True)
class AssignmentPlace:
    """One place of an assignment.

    Args:
        stratum: Whose list it is on.
        block: Which block of it, from 1.
        seq: Which place of the block, from 1.
        condition: What whoever takes it gets.
    """

    stratum: str
    block: int
    seq: int
    condition: str

    @property
    def id(self) -> str:
        """Its name in the record, such as "all:3:2"."""
        return f"{self.stratum}:{self.block}:{self.seq}"

    @property
    def position(self) -> tuple[int, int]:
        """Where it stands on its list."""
        return self.block, self.seq


def parts_of(place_id: str) -> tuple[str, int, int] | None:
    """Take a place's id apart.

    Args:
        place_id: As `AssignmentPlace.id` gives it.

    Returns:
        Stratum, block and seq; None when it is no such id.
    """
    stratum, *numbers = place_id.rsplit(":", 2)
    if len(numbers) != 2 or not all(map(_NUMBER.fullmatch, numbers)):
        return None
    return stratum, int(numbers[0]), int(numbers[1])


def block_of(plan: AssignmentPlan, seed: str, stratum: str, number: int) -> tuple[AssignmentPlace, ...]:
    """Give a block of a stratum's list.

    Args:
        plan: One of simple or blocks, without complaints.
        seed: The study's.
        stratum: One of the plan's.
        number: Which block, from 1.
    """
    once = [name for name, weight in plan.weights.items() for _ in range(weight)]
    if plan.method is AssignmentMethod.SIMPLE:
        order = [once[uniform_below(len(once), seed, "simple", stratum, number)]]
    else:
        length = plan.lengths[uniform_below(len(plan.lengths), seed, "length", stratum, number)]
        order = shuffled(once * (length // len(once)), seed, "block", stratum, number)
    return tuple(AssignmentPlace(stratum, number, seq, name) for seq, name in enumerate(order, 1))


def places_after(
    plan: AssignmentPlan, seed: str, stratum: str, position: tuple[int, int] = (1, 0)
) -> Iterator[AssignmentPlace]:
    """Give the places of a stratum's list behind one of them, without end.

    Args:
        plan: One of simple or blocks, without complaints.
        seed: The study's.
        stratum: One of the plan's.
        position: Block and seq of the last one that is not given; (1, 0) gives the list from its beginning.
    """
    block, seq = position
    for number in count(block):
        places = block_of(plan, seed, stratum, number)
        yield from places[seq:] if number == block else places
