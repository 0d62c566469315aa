"""In which order codes take their places in a tree, so that none ever stands under itself on the way."""

from collections.abc import Mapping


def parents_first(above: Mapping[str, str]) -> list[str]:
    """Each behind the one that it stands under, else in the order in which they are given.

    Args:
        above: Of each what stands above it; empty, or none of these, for the top. What goes round in a circle
            comes in some order.
    """
    told: dict[str, None] = {}
    for first in above:
        chain, key = dict[str, None](), first
        while key in above and key not in told and key not in chain:
            chain[key] = None
            key = above[key]
        told |= dict.fromkeys(reversed(chain))
    return list(told)


def circles(above: Mapping[str, str]) -> set[str]:
    """Those that stand under themselves, by however many others.

    Args:
        above: Of each what stands above it.
    """
    known, found = set[str](), set[str]()
    for first in above:
        chain, key = dict[str, None](), first
        while key in above and key not in known:
            known.add(key)
            chain[key] = None
            key = above[key]
        if key in chain:
            path = list(chain)
            found |= set(path[path.index(key) :])
    return found
