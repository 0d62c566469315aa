"""The next assignment: a function of the plan, the seed, where the ledger stands and who comes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from study.assignment.draws import words_of
from study.assignment.ledger import LedgerEvent, LedgerRow
from study.assignment.minimise import minimise
from study.assignment.places import AssignmentPlace, places_after
from study.assignment.plan import AssignmentMethod, AssignmentPlan
from study.assignment.state import LedgerStanding
from study.assignment.urn import balls_of, draw_ball


@dataclass(frozen=True)
class Assignment:
    """A place for somebody.

    It stands only if it is written as row `seq`: whoever finds that number taken reads on and asks again.

    Args:
        seq: The number of its row.
        place: Which, with its condition.
        inputs: What it was made from.
        draw: What was drawn; "" where the place was drawn before.
    """

    seq: int
    place: AssignmentPlace
    inputs: Mapping[str, Any]
    draw: str = ""

    def row(self, participant: str | None) -> LedgerRow:
        """Give its row.

        Args:
            participant: Who gets it.
        """
        event, place = LedgerEvent.ASSIGNED.value, self.place
        return LedgerRow(
            self.seq, event, place.id, place.condition, participant, inputs=self.inputs, draw=self.draw
        )


@dataclass(frozen=True)
class NoPlace:
    """There is none for a newcomer.

    Args:
        for_good: Whether the target is filled; else all places are held, and one may open.
    """

    for_good: bool


def next_assignment(
    plan: AssignmentPlan,
    seed: str,
    standing: LedgerStanding,
    stratum: str,
    levels: Mapping[str, str] | None = None,
) -> Assignment | NoPlace:
    """Find the place of somebody who comes.

    With places it is the first open one of the stratum; places that were left come before those that nobody
    had yet. In blocks a condition takes no more people than its target, so that all end equal. Where the last
    places are held, who comes gets none; simple waits so as well.

    Args:
        plan: One without complaints.
        seed: The study's.
        standing: Where the ledger stands, for this stratum and these levels.
        stratum: The newcomer's.
        levels: The newcomer's level of each of the plan's factors; for minimise alone.

    Raises:
        ValueError: The plan knows no such stratum, or other factors.
    """
    if stratum not in plan.strata:
        raise ValueError(f"there is no stratum {stratum!r}; there are {', '.join(plan.strata)}")
    if set(levels or {}) != set(plan.factors):
        raise ValueError(
            f"levels are needed of {', '.join(plan.factors) or 'nothing'}, not of {', '.join(levels or {})}"
        )
    names = list(plan.weights)
    goals = plan.goals
    wanted = names if goals is None else [one for one in names if standing.living.get(one, 0) < goals[one]]
    if goals is not None and not wanted:
        return NoPlace(all(standing.filled.get(one, 0) >= goals[one] for one in names))
    if plan.method.has_places:
        # Simple draws from all for as long as one is wanted: to leave some out would be no independent draw.
        return _placed(
            plan, seed, standing, stratum, names if plan.method is AssignmentMethod.SIMPLE else wanted
        )
    return _drawn(plan, seed, standing, stratum, dict(levels or {}), wanted)


def _placed(
    plan: AssignmentPlan, seed: str, standing: LedgerStanding, stratum: str, wanted: Sequence[str]
) -> Assignment:
    for one in standing.opened:
        if one.place.condition in wanted:
            inputs = {"stratum": stratum, "attempt": one.attempts + 1}
            return Assignment(standing.seq + 1, one.place, inputs)
    places = places_after(plan, seed, stratum, standing.last)
    place = next(one for one in places if one.condition in wanted)
    return Assignment(standing.seq + 1, place, {"stratum": stratum, "attempt": 1})


def _drawn(
    plan: AssignmentPlan,
    seed: str,
    standing: LedgerStanding,
    stratum: str,
    levels: dict[str, str],
    wanted: Sequence[str],
) -> Assignment:
    # A place that is drawn when somebody comes is nobody else's: its block is how many came before, and one.
    block = standing.last[0] + standing.last[1]
    # The newcomer's levels are in the key, and a word of it in the ledger: changed inputs do not fit it.
    told = [text for name in sorted(levels) for text in (name, levels[name])]
    words = words_of(seed, plan.method.value, stratum, block, *told)
    mark = f"{next(words):016x}"
    inputs: dict[str, Any] = {"stratum": stratum}
    if plan.method is AssignmentMethod.MINIMISE:
        counts = {
            name: {one: standing.alike.get(name, {}).get(one, 0) for one in wanted} for name in plan.factors
        }
        inputs |= {"levels": levels, "counts": counts}
        condition, draw = minimise(wanted, counts, plan.factors, plan.probability, words)
    else:
        balls = balls_of(wanted, standing.here, *plan.urn)
        inputs |= {"balls": balls}
        condition, draw = draw_ball(balls, words)
    return Assignment(
        standing.seq + 1, AssignmentPlace(stratum, block, 1, condition), inputs, f"{mark} {draw}"
    )
