"""Which colour means what on the overview: names of colours of its style sheet (static/overview.css).

One colour means one thing in all plots of the page: an agent has its own everywhere, what went well is green,
what failed is red, what was cut short is amber, and what says nothing of that is grey.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from agent.finish_reasons import cut_off_of
from study.vocabulary import CutOff, Status

PLAIN: Final = "plain"
_GOOD: Final = "went-well"
_CUT: Final = "cut-short"
_BAD: Final = "went-badly"
_NEUTRAL: Final = "neutral"
_AGENTS: Final = 6
_WAYS: Final = {"by a name": "came-1", "by a personal link": "came-2", "with an account": "came-3"}
_WAYS_LEFT: Final = "came-4"
_STATUSES: Final = {
    Status.FAILED.value: _BAD,
    Status.INTERRUPTED.value: _CUT,
    Status.STOPPED.value: _NEUTRAL,
}
BECAME: Final = {"came back": _GOOD, "did not come back": _BAD}
INTENTS: Final = {"completed": _GOOD, "abandoned": _CUT, "under way": _NEUTRAL}
SPENT: Final = {"spent": PLAIN, "at this pace": _NEUTRAL}
_REASONS: Final = (_GOOD, "other-1", "other-2")


def of_agents(names: Sequence[str], none: str) -> dict[str, str]:
    """Of all agents that there are, in an order that does not change; `none` is what has no agent."""
    colours = {name: f"agent-{number % _AGENTS + 1}" for number, name in enumerate(names)}
    return colours | {none: _NEUTRAL}


def of_ways(ways: Iterable[str], simulated: str) -> dict[str, str]:
    """Of the ways in."""
    return {way: _NEUTRAL if way == simulated else _WAYS.get(way, _WAYS_LEFT) for way in ways}


def of_statuses(statuses: Iterable[str]) -> dict[str, str]:
    """Of how replies ended."""
    return {status: _STATUSES.get(status, _NEUTRAL) for status in sorted(set(statuses))}


def of_reasons(reasons: Iterable[str], none: str) -> dict[str, str]:
    """Of providers' finish reasons: each has its own words for them."""
    colours, others = {none: _NEUTRAL}, 0
    for reason in sorted(set(reasons) - {none}):
        cut = cut_off_of(reason)
        if cut is not None:
            colours[reason] = _CUT if cut is CutOff.LENGTH else _BAD
            continue
        colours[reason] = _REASONS[others % len(_REASONS)]
        others += 1
    return colours
